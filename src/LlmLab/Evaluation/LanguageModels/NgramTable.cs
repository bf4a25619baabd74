using System.Runtime.InteropServices;

namespace LlmLab.Evaluation.LanguageModels;

/// <summary>
/// How often each n-gram occurs, for all orders up to the longest, and the sums that smoothing needs: how often a context occurs, how many
/// different words follow it, before how many different words an n-gram stands.
/// </summary>
sealed class NgramTable(int order)
{
    /// <summary>What is known of one n-gram.</summary>
    internal sealed class Entry
    {
        /// <summary>How often it occurs.</summary>
        public int Count;
        /// <summary>How often it occurs with a word after it.</summary>
        public int Followed;
        /// <summary>Different words after it.</summary>
        public int Followers;
        /// <summary>Different words before it.</summary>
        public int Preceders;
        /// <summary>Different pairs of a word before it and a word after it.</summary>
        public int Frames;
        /// <summary>Its number in the keys of longer ones; 0 is the empty context.</summary>
        public int Number;
    }

    readonly Dictionary<long, Entry> entries = []; // the number of the n-gram without its last word, and that word
    readonly Entry empty = new();

    /// <summary>Words counted.</summary>
    public int Total => empty.Followed;

    /// <summary>What is known of the empty context, of which every word is a follower.</summary>
    public Entry Empty => empty;

    /// <summary>Counts all n-grams of a sentence.</summary>
    public void Add(ReadOnlySpan<int> words)
    {
        for (var start = 0; start < words.Length; start++)
        {
            var context = empty;
            for (var length = 1; length <= order && start + length <= words.Length; length++)
            {
                var entry = Child(context, words[start + length - 1]);
                if (entry.Count == 0)
                {
                    context.Followers++;
                    AddPreceder(words.Slice(start, length));
                }
                entry.Count++;
                context.Followed++;
                context = entry;
            }
        }
    }

    /// <summary>What is known of an n-gram, or null if it never occurred.</summary>
    public Entry? Find(ReadOnlySpan<int> words)
    {
        var entry = empty;
        foreach (var word in words)
            if (!entries.TryGetValue(Key(entry, word), out entry)) return null;
        return entry;
    }

    // A new n-gram is one more word before what follows its first word, and one more frame around what lies within.
    void AddPreceder(ReadOnlySpan<int> ngram)
    {
        if (ngram.Length < 2) return;
        Reach(ngram[1..]).Preceders++;
        Reach(ngram[1..^1]).Frames++;
    }

    Entry Reach(ReadOnlySpan<int> words)
    {
        var entry = empty;
        foreach (var word in words) entry = Child(entry, word);
        return entry;
    }

    Entry Child(Entry context, int word)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(entries, Key(context, word), out _);
        return entry ??= new() { Number = entries.Count };
    }

    static long Key(Entry context, int word) => (long)context.Number << 32 | (uint)word;
}
