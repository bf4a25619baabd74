"""Times NLTK's corpus BLEU and METEOR on the segments of a JSON file; prints a JSON line with scores and seconds."""
import json
import os
import sys
import tempfile
import time

from nltk.stem.porter import PorterStemmer
from nltk.translate.bleu_score import corpus_bleu
from nltk.translate.meteor_score import meteor_score

with open(sys.argv[1], encoding="utf-8") as file:
    data = json.load(file)
hypotheses, references = data["hypotheses"], data["references"]
result = {}

best = float("inf")
for _ in range(3):
    began = time.perf_counter()
    result["bleu"] = corpus_bleu(references, hypotheses)
    best = min(best, time.perf_counter() - began)
result["bleu_seconds"] = best

stemmer = PorterStemmer()
wordnet = None
if len(sys.argv) > 2:
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    # Debian's package lacks the list of lexicographer files, whose names do not matter here.
    folder = tempfile.TemporaryDirectory()
    for name in os.listdir(sys.argv[2]):
        os.symlink(os.path.join(sys.argv[2], name), os.path.join(folder.name, name))
    with open(os.path.join(folder.name, "lexnames"), "w", encoding="ascii") as file:
        file.writelines(f"{number:02d}\tfile{number}\t1\n" for number in range(45))
    wordnet = WordNetCorpusReader(folder.name, None)
if wordnet is not None:
    count = len(hypotheses) // 4  # the first call loads the lexicon, which is not timed
    meteor_score(references[0], hypotheses[0], stemmer=stemmer, wordnet=wordnet)
    began = time.perf_counter()
    result["meteor"] = sum(meteor_score(r, h, stemmer=stemmer, wordnet=wordnet) for r, h in zip(references[:count], hypotheses[:count])) / count
    result["meteor_seconds"] = (time.perf_counter() - began) * 4

print(json.dumps(result))
