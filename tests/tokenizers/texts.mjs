// Writes train.txt (the repository's own prose and code) and texts.jsonl: 1,000 texts, most from there, the rest made to be hard.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [root, work] = process.argv.slice(2);
const files = folder => readdirSync(folder, { withFileTypes: true })
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .flatMap(entry => entry.name === 'bin' || entry.name === 'obj' ? []
    : entry.isDirectory() ? files(join(folder, entry.name))
    : /\.(cs|md|txt|json)$/.test(entry.name) && !entry.name.includes('normalization') ? [join(folder, entry.name)] : []);
const all = files(join(root, 'src')).concat(files(join(root, 'data'))).map(path => readFileSync(path, 'utf8')).join('\n').slice(0, 3_000_000);
writeFileSync(join(work, 'train.txt'), all);

let state = 20261123; // a generator of its own, so that every run has the same texts
const random = n => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return Math.floor(state / 65536) % n; };
const pieces = ["don't", "I'LL", "we've", ' ', '  ', '\n', '\r\n', '\t', '\u00a0', '123', '4567', '3.14', 'naïve', 'Ünï', 'ＦＵＬＬ', 'ﬁ', '你好', '世界。', 'こんにちは', '안녕', 'Привет', 'שלום', 'مرحبا', 'नमस्ते',
  'e\u0301', '😀', '👍🏽', '🇺🇸', '👩‍👩‍👧', '𝐀𝐚𝟗', '…', '—', '“q”', '¡', '$1,234.56', 'a_b', '//', '/*', '==', '<tag>', '§', '½', '²', '\u200b', 'x'.repeat(40), 'camelCaseWord', 'HTTPServer', 'A', 'z', "'", '"', '.'];
const texts = ['', ' ', '\n', 'a', 'x\n  ', '  x  '];
while (texts.length < 300) texts.push(Array.from({ length: 1 + random(15) }, () => pieces[random(pieces.length)]).join(random(2) ? '' : ' '));
const paragraphs = all.split(/\n\s*\n/).filter(p => p.length > 20 && p.length < 2000 && !p.includes('<|') && !p.includes('[UNK]'));
while (texts.length < 1000) texts.push(paragraphs[random(paragraphs.length)]);
writeFileSync(join(work, 'texts.jsonl'), texts.map(t => JSON.stringify(t)).join('\n') + '\n');
