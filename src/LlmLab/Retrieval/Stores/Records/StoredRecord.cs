namespace LlmLab.Retrieval.Stores.Records;

/// <summary>A record as a store sees it.</summary>
/// <param name="Key">Text, or a long.</param>
/// <param name="Data">Values in the order of the model's data properties, each in a form of <see cref="RecordValue"/>.</param>
/// <param name="Vectors">Vectors in the order of the model's vector properties; null where there is none or none was asked for.</param>
sealed record StoredRecord(object Key, object?[] Data, float[]?[] Vectors);

/// <summary>A record that a search found, with its score in the unit of the property's distance function.</summary>
sealed record ScoredRecord(StoredRecord Record, double Score);
