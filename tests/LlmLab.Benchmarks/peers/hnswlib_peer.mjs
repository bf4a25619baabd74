// hnswlib-node beside our store: `build` makes and saves the index on one thread (its addPoint is synchronous); `search` answers the
// questions with four worker threads, each with its own copy of the index, one question a call.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const require = createRequire(process.cwd() + '/');
const { HierarchicalNSW } = require('hnswlib-node');
const rows = (file, dimensions) => {
  const bytes = readFileSync(file);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return Array.from({ length: all.length / dimensions }, (_, i) => Array.from(all.subarray(i * dimensions, (i + 1) * dimensions)));
};

if (!isMainThread) {
  const { dimensions, index, questions, caller, callers, top } = workerData;
  const graph = new HierarchicalNSW('cosine', dimensions);
  graph.readIndexSync(index);
  const asked = rows(questions, dimensions).filter((_, i) => i % callers === caller);
  parentPort.on('message', (width) => {
    graph.setEf(width);
    const start = process.hrtime.bigint();
    const found = asked.map((question) => graph.searchKnn(question, top).neighbors);
    parentPort.postMessage({ caller, start, end: process.hrtime.bigint(), found });
  });
  parentPort.postMessage({ caller, ready: true });
} else {
  const [, , verb, dimensionText, index, file, ...more] = process.argv;
  const dimensions = Number(dimensionText);
  if (verb === 'build') {
    const points = rows(file, dimensions);
    const graph = new HierarchicalNSW('cosine', dimensions);
    graph.initIndex(points.length, 16, 200, 1);
    const start = process.hrtime.bigint();
    points.forEach((point, i) => graph.addPoint(point, i));
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
    graph.writeIndexSync(index);
  } else {
    const callers = 4, top = 10, [output, ...widths] = more;
    const workers = Array.from({ length: callers }, (_, caller) => new Worker(new URL(import.meta.url), { workerData: { dimensions, index, questions: file, caller, callers, top } }));
    const all = (send) => Promise.all(workers.map((worker) => new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      send(worker);
    })));
    await all(() => {});
    await all((worker) => worker.postMessage(16)); // warm
    const lines = [];
    for (const width of widths.map(Number)) {
      const answers = await all((worker) => worker.postMessage(width));
      const start = answers.map((a) => a.start).reduce((a, b) => (a < b ? a : b)), end = answers.map((a) => a.end).reduce((a, b) => (a > b ? a : b));
      const count = answers.reduce((sum, a) => sum + a.found.length, 0);
      const found = new Int32Array(count * top);
      answers.forEach((a) => a.found.forEach((ids, i) => found.set(ids, (i * callers + a.caller) * top)));
      writeFileSync(`${output}.${width}`, new Uint8Array(found.buffer));
      lines.push(`${width}\t${Number(end - start) / 1e9}`);
    }
    console.log(lines.join('\n'));
    process.exit(0);
  }
}
