// Encodes the same texts with the peers and compares ids.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PreTrainedTokenizer } from '@huggingface/transformers';
import { Tiktoken } from 'tiktoken';

const work = process.argv[2];
const lines = name => readFileSync(join(work, name), 'utf8').trimEnd().split('\n');
const texts = lines('texts.jsonl').map(line => JSON.parse(line));
let passed = 0, failed = 0;

function compare(title, name, encode) {
  let wrong = 0;
  try {
    const ids = lines(`${name}.ids`).map(line => line === '[]' ? [] : JSON.parse(line));
    if (ids.length !== texts.length) throw new Error(`${ids.length} lines of ids for ${texts.length} texts`);
    texts.forEach((text, i) => {
      const theirs = encode(text);
      if (JSON.stringify(theirs) === JSON.stringify(ids[i])) return;
      if (++wrong <= 3) console.log(`  ${JSON.stringify(text)}\n    ours   ${ids[i].join(' ')}\n    theirs ${theirs.join(' ')}`);
    });
  } catch (error) {
    console.log(`  ${error.stack ?? error}`);
    wrong = texts.length;
  }
  console.log(`${wrong ? 'FAILED' : 'ok'}  ${title}: ${texts.length - wrong} of ${texts.length} texts have identical ids`);
  wrong ? failed++ : passed++;
}

for (const name of ['bpe-cl100k', 'bpe-gpt2', 'bpe-o200k', 'wordpiece', 'unigram', 'word', 'character', 'cl100k', 'o200k']) {
  const json = file => existsSync(join(work, name, file)) ? JSON.parse(readFileSync(join(work, name, file), 'utf8')) : {};
  const tokenizer = new PreTrainedTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
  compare(`transformers.js, tokenizer.json of ${name}`, name, text => tokenizer.encode(text, { add_special_tokens: false }).map(Number));
}

// tiktoken's expressions, as openai_public.py has them today.
const cl100k = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";
const o200k = ["[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
  '\\p{N}{1,3}', ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*', '\\s*[\\r\\n]+', '\\s+(?!\\S)', '\\s+'].join('|');
for (const [name, pattern] of [['bpe-plain', cl100k], ['bpe-o200k', o200k], ['cl100k', cl100k], ['o200k', o200k]]) {
  // The npm package reads its own, denser form of the file: "! first-rank token token …".
  const ranks = lines(`${name}.tiktoken`).map(line => line.split(' ')).map(([token, rank]) => `! ${rank} ${token}`).join('\n');
  const tokenizer = new Tiktoken(ranks, {}, pattern);
  compare(`tiktoken, .tiktoken of ${name}`, name, text => [...tokenizer.encode_ordinary(text)]);
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
