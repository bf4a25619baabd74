using Npgsql;

namespace LlmLab.Retrieval.Stores.Postgres;

/// <summary>A database's address as a URI or as Npgsql writes it.</summary>
static class PostgresAddress
{
    public static NpgsqlConnectionStringBuilder Parse(string address)
    {
        try
        {
            if (!address.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) && !address.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
                return new NpgsqlConnectionStringBuilder(address);
            var uri = new Uri(address);
            var builder = new NpgsqlConnectionStringBuilder(string.Join(';', Uri.UnescapeDataString(uri.Query.TrimStart('?')).Split('&')))
            {
                Host = uri.Host.Length > 0 ? uri.Host : "localhost",
                Port = uri.IsDefaultPort || uri.Port < 0 ? 5432 : uri.Port,
            };
            if (uri.AbsolutePath.Length > 1) builder.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
            int colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
            if (uri.UserInfo.Length > 0) builder.Username = Uri.UnescapeDataString(colon < 0 ? uri.UserInfo : uri.UserInfo[..colon]);
            if (colon >= 0) builder.Password = Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]);
            return builder;
        }
        catch (Exception exception) when (exception is UriFormatException or ArgumentException or FormatException)
        {
            throw new InvalidInputException("The address of the PostgreSQL database cannot be read: expected postgres://user:password@host:5432/database."); // without the inner exception: it may hold the password
        }
    }
}
