using LlmLab.Text;

namespace LlmLab.Evaluation.Coherence;

/// <summary>
/// Which entity plays which part in which sentence of a text (R. Barzilay and M. Lapata, "Modeling local coherence: an entity-based approach",
/// Computational Linguistics 2008): coherent texts stay with their entities and move them through the sentences in typical ways.
/// <para>
/// Entities are found in English by rules instead of a parser: a phrase reaches from its article, possessive or number to the next function
/// word or verb, and its last word is its head; capitalised words are names. Nouns without an article are missed inside a sentence, pronouns
/// are not resolved, and a head is the same entity wherever its stem is the same.
/// </para>
/// </summary>
public sealed class EntityGrid
{
    static readonly SentenceSplitter splitter = new();

    /// <summary>Number of different roles.</summary>
    internal const int RoleCount = 4;

    EntityGrid(IReadOnlyList<string> entities, EntityRole[,] roles) => (Entities, Roles) = (entities, roles);

    /// <summary>The entities, as stems of their head nouns, in the order in which they come.</summary>
    public IReadOnlyList<string> Entities { get; }

    /// <summary>The role of each entity in each sentence, [sentences, entities].</summary>
    public EntityRole[,] Roles { get; }

    /// <summary>Number of sentences.</summary>
    public int SentenceCount => Roles.GetLength(0);

    /// <summary>The grid of a text.</summary>
    public static EntityGrid Of(string text) => Of(splitter.Split(text));

    /// <summary>The grid of sentences.</summary>
    public static EntityGrid Of(IReadOnlyList<string> sentences)
    {
        var mentions = sentences.Select(EntityMentions.Of).ToArray();
        string[] entities = [.. mentions.SelectMany(one => one.Keys).Distinct()];
        var roles = new EntityRole[sentences.Count, entities.Length];
        for (var i = 0; i < sentences.Count; i++)
            for (var j = 0; j < entities.Length; j++)
                roles[i, j] = mentions[i].GetValueOrDefault(entities[j]);
        return new(entities, roles);
    }

    /// <summary>
    /// How often each sequence of roles occurs down the columns, as a share of all sequences of that length: the features of the method. The
    /// sequence of roles r₁ … rₙ has the index r₁ · 4ⁿ⁻¹ + … + rₙ. All zeros where the text is shorter or has no entities.
    /// </summary>
    /// <param name="length">Sentences of a sequence, 1 to 4.</param>
    /// <exception cref="InvalidInputException">The length is not 1 to 4.</exception>
    public double[] Transitions(int length = 2)
    {
        if (length is < 1 or > 4) throw new InvalidInputException($"Transitions over {length} sentences were asked for; give 1 to 4.");
        var shares = new double[(int)Math.Pow(RoleCount, length)];
        var all = Math.Max(0, SentenceCount - length + 1) * Entities.Count;
        if (all == 0) return shares;
        for (var entity = 0; entity < Entities.Count; entity++)
            for (var start = 0; start + length <= SentenceCount; start++)
            {
                var index = 0;
                for (var i = 0; i < length; i++) index = index * RoleCount + (int)Roles[start + i, entity];
                shares[index] += 1.0 / all;
            }
        return shares;
    }

    /// <summary>The grid as lines: a row a sentence, S, O, X or − for each entity.</summary>
    public override string ToString() => string.Join('\n', Entities.Select((entity, j) =>
        $"{entity,-16} {string.Concat(Enumerable.Range(0, SentenceCount).Select(i => Roles[i, j] switch { EntityRole.Subject => 'S', EntityRole.Object => 'O', EntityRole.Other => 'X', _ => '-' }))}"));
}
