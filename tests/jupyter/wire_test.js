// Wire-level checks of the kernel, by a client of its own (wire_client.js).   node wire_test.js KERNEL.JSON
'use strict';
const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn, spawnSync } = require('child_process');
const { Kernel, textOf } = require('./wire_client');

const argv = JSON.parse(fs.readFileSync(process.argv[2], 'utf8')).argv;
const interruptLimit = 3000;
let kernel, passed = 0, failed = 0;

async function test(name, body) {
  const started = Date.now();
  try {
    const note = await body();
    passed++;
    console.log(`ok   ${name}${note ? ': ' + note : ''} (${Date.now() - started} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${error.message}`);
    if (kernel.hasExited) {
      console.log(`     the kernel's process ended; it said: ${kernel.errors.slice(-2000)}`);
      await kernel.close();
      kernel = await Kernel.start(argv);
      await kernel.run(setUp);
    }
  }
}

const setUp = 'int kept = 41; var gate = new System.Threading.ManualResetEventSlim();';
const milliseconds = (from, to) => Number(to - from) / 1e6;

/** Starts a cell, stops it once it says that it runs, and sees that the variables are alive. */
async function interrupts(name, code, stop) {
  await test(`interrupt: ${name}`, async () => {
    const id = await kernel.start(`Console.WriteLine("started");\n${code}`);
    await kernel.until(message => message.parent.msg_id === id && message.type === 'stream' && message.content.text.includes('started'), 20000, 'first line');
    // Long enough for the cell to be in the middle of what it does, not at its start.
    await new Promise(resolve => setTimeout(resolve, 150));
    const sent = process.hrtime.bigint();
    await stop();
    const reply = await kernel.reply(id, interruptLimit + 5000);
    const took = milliseconds(sent, reply.at);
    assert.strictEqual(reply.content.status, 'error');
    assert.ok(took < interruptLimit, `took ${took.toFixed(0)} ms`);
    await kernel.idle(id);
    assert.strictEqual((await kernel.run('++kept - kept + 41')).value, '41');
    return `${took.toFixed(0)} ms`;
  });
}

const byMessage = async () => assert.strictEqual((await kernel.ask('control', 'interrupt_request', {})).status, 'ok');
const bySignal = async () => kernel.process.kill('SIGINT');

(async () => {
  kernel = await Kernel.start(argv);

  await test('connects: kernel_info, heartbeat', async () => {
    const info = await kernel.ask('shell', 'kernel_info_request', {});
    assert.strictEqual(info.protocol_version, '5.4');
    assert.strictEqual(info.language_info.name, 'C#');
    assert.strictEqual((await kernel.ask('control', 'kernel_info_request', {})).status, 'ok');
    assert.strictEqual(await kernel.heartbeat('ping'), 'ping');
  });

  await test('executes; variables live on', async () => {
    await kernel.run(setUp);
    const { reply, value, outputs } = await kernel.run('kept + 1');
    assert.strictEqual(reply.status, 'ok');
    assert.strictEqual(value, '42');
    assert.deepStrictEqual(outputs.map(output => output.type), ['execute_input', 'execute_result']);
    assert.strictEqual(outputs[1].content.execution_count, reply.execution_count);
  });

  await test('runs in the folder it was started in', async () => {
    assert.strictEqual((await kernel.run('Environment.CurrentDirectory')).value, fs.realpathSync(kernel.folder));
  });

  await interrupts('endless loop before an await', 'while (true) { }\nawait Task.Yield();', byMessage);
  await interrupts('endless loop after an await', 'await Task.Delay(1);\nwhile (true) { }', byMessage);
  await interrupts('loop that fills a list', 'var list = new List<int>();\nwhile (true) { if (list.Count > 1_000_000) list.Clear(); list.Add(list.Count); }', byMessage);
  await interrupts('deep recursion', 'long Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);\nConsole.WriteLine(Fibonacci(90));', byMessage);
  await interrupts('Thread.Sleep', 'System.Threading.Thread.Sleep(600_000);', byMessage);
  await interrupts('task.Wait()', 'var task = Task.Delay(600_000);\ntask.Wait();', byMessage);
  await interrupts('await of a long delay', 'await Task.Delay(600_000);', byMessage);
  await interrupts('Console.ReadLine', 'Console.ReadLine();', byMessage);
  await interrupts('endless loop, by SIGINT', 'while (true) { }', bySignal);
  await interrupts('Thread.Sleep, by SIGINT', 'System.Threading.Thread.Sleep(600_000);', bySignal);

  await test('recursion without end is an error of the cell, not the end of the kernel', async () => {
    const { reply } = await kernel.run('int Down(int n) => 1 + Down(n + 1);\nDown(0)');
    assert.strictEqual(reply.status, 'error');
    assert.strictEqual((await kernel.run('kept')).reply.status, 'ok');
  });

  await test('a cell that prints without end is interrupted, and the kernel goes on', async () => {
    const id = await kernel.start('while (true) Console.WriteLine("and so on and so on and so on and so on and so on and so on");');
    await kernel.until(message => message.parent.msg_id === id && message.type === 'stream', 20000, 'first line');
    await new Promise(resolve => setTimeout(resolve, 1500));
    const sent = process.hrtime.bigint();
    await byMessage();
    const took = milliseconds(sent, (await kernel.reply(id, interruptLimit + 5000)).at);
    assert.ok(took < interruptLimit, `took ${took.toFixed(0)} ms`);
    assert.strictEqual((await kernel.run('kept > 0')).value, 'true');
    return `${took.toFixed(0)} ms`;
  });

  await test('SIGINT between cells leaves the kernel and its variables alone', async () => {
    kernel.process.kill('SIGINT');
    // The system delivers a signal when it likes: it may still reach this cell, and then rightly ends it.
    const first = await kernel.run('kept + 0');
    assert.ok(first.reply.status === 'ok' || first.reply.ename === 'KeyboardInterrupt', first.reply.status);
    assert.strictEqual((await kernel.run('kept + 0')).reply.status, 'ok');
  });

  await test('wrong signature is dropped', async () => {
    const { id, frames } = kernel.frames('execute_request', { code: 'kept = -1;' });
    frames[1] = Buffer.from('0'.repeat(64));
    await kernel.sockets.shell.send(frames);
    assert.strictEqual((await kernel.run('kept > 0')).value, 'true');
    assert.ok(!kernel.messages.some(message => message.parent.msg_id === id));
  });

  await test('a message sent twice runs once', async () => {
    await kernel.run('int runs = 0;');
    const { id, frames } = kernel.frames('execute_request', { code: 'runs++;' });
    for (let i = 0; i < 2; i++) await kernel.sockets.shell.send(frames);
    await kernel.reply(id);
    assert.strictEqual((await kernel.run('runs')).value, '1');
  });

  await test('everything that the kernel sends is signed', async () => assert.ok(kernel.messages.every(message => message.signed)));

  await test('1,000 lines arrive complete and in order', async () => {
    const { text } = await kernel.run('for (int i = 0; i < 1000; i++) Console.WriteLine($"line {i}");');
    assert.strictEqual(text, Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join(''));
  });

  await test('text and displays keep their order', async () => {
    const { outputs } = await kernel.run('for (int i = 0; i < 50; i++) { Console.Write(i); display($"<i>{i}</i>", "text/html"); Console.Error.Write(i); }');
    const seen = outputs.slice(1).map(output => output.type === 'stream' ? output.content.name + output.content.text : 'html' + output.content.data['text/html'].replace(/\D/g, ''));
    assert.deepStrictEqual(seen, Array.from({ length: 50 }, (_, i) => [`stdout${i}`, `html${i}`, `stderr${i}`]).flat());
  });

  await test('output of concurrent threads has its own cell as parent', async () => {
    const first = await kernel.run(`
      var threads = Enumerable.Range(0, 4).Select(t => new System.Threading.Thread(() =>
      {
          gate.Wait();
          for (int i = 0; i < 100; i++) { Console.WriteLine($"old {t} {i}"); System.Threading.Thread.Yield(); }
      })).ToArray();
      foreach (var thread in threads) thread.Start();`);
    const second = await kernel.run('gate.Set();\nfor (int i = 0; i < 400; i++) Console.WriteLine($"new {i}");\nforeach (var thread in threads) thread.Join();');
    await kernel.run('await Task.Delay(200);');
    const of = id => textOf(kernel.messages.filter(message => message.parent.msg_id === id)).trimEnd().split('\n');
    assert.deepStrictEqual(of(second.id), Array.from({ length: 400 }, (_, i) => `new ${i}`));
    const old = of(first.id);
    assert.strictEqual(old.length, 400);
    for (let t = 0; t < 4; t++) {
      assert.deepStrictEqual(old.filter(line => line.startsWith(`old ${t} `)), Array.from({ length: 100 }, (_, i) => `old ${t} ${i}`));
    }
  });

  await test('a failed cell aborts what is queued behind it', async () => {
    const failing = await kernel.start('System.Threading.Thread.Sleep(300); throw new InvalidOperationException("as meant");');
    const queued = await kernel.start('kept = -1;');
    assert.strictEqual((await kernel.reply(failing)).content.ename, 'InvalidOperationException');
    assert.strictEqual((await kernel.reply(queued)).content.status, 'aborted');
    assert.strictEqual((await kernel.run('kept > 0')).value, 'true');
  });

  await test('Console.ReadLine asks the front end', async () => {
    const id = await kernel.start('Console.Write("Name? "); var name = Console.ReadLine(); name.ToUpperInvariant()');
    const question = await kernel.until(message => message.type === 'input_request' && message.parent.msg_id === id, 20000, 'input_request');
    await kernel.send('stdin', 'input_reply', { value: 'ada', status: 'ok' }, question.header);
    await kernel.idle(id);
    assert.strictEqual(kernel.messages.find(message => message.type === 'execute_result' && message.parent.msg_id === id).content.data['text/plain'], 'ADA');
  });

  await test('silent, user_expressions, store_history', async () => {
    const before = (await kernel.run('kept')).reply.execution_count;
    const { reply, outputs } = await kernel.run('kept', { silent: true, user_expressions: { twice: 'kept * 2', wrong: 'nothing.Here' } });
    assert.strictEqual(outputs.length, 0);
    assert.strictEqual(reply.user_expressions.twice.data['text/plain'], String(2 * Number((await kernel.run('kept')).value)));
    assert.strictEqual(reply.user_expressions.wrong.status, 'error');
    assert.strictEqual((await kernel.run('kept', { store_history: false })).reply.execution_count, before + 1);
  });

  await test('completion counts code points', async () => {
    const code = '"😀".Subst';
    const content = await kernel.ask('shell', 'complete_request', { code, cursor_pos: Array.from(code).length });
    assert.ok(content.matches.includes('Substring'), JSON.stringify(content.matches));
    assert.strictEqual(Array.from(code).slice(content.cursor_start, content.cursor_end).join(''), 'Subst');
  });

  await test('inspection, both levels of detail', async () => {
    const ask = detail_level => kernel.ask('shell', 'inspect_request', { code: 'kept', cursor_pos: 4, detail_level });
    assert.match((await ask(0)).data['text/plain'], /int/);
    assert.match((await ask(1)).data['text/plain'], /kept = \d+/);
    assert.strictEqual((await kernel.ask('shell', 'inspect_request', { code: 'nothingLikeIt', cursor_pos: 4, detail_level: 0 })).found, false);
  });

  await test('completion is answered while a cell runs', async () => {
    const id = await kernel.start('Console.WriteLine("started"); while (true) { }');
    await kernel.until(message => message.parent.msg_id === id && message.type === 'stream', 20000, 'first line');
    const content = await kernel.ask('shell', 'complete_request', { code: '"a".Subst', cursor_pos: 9 });
    await byMessage();
    assert.ok(content.matches.includes('Substring'));
    assert.strictEqual((await kernel.reply(id)).content.status, 'error');
  });

  await test('is_complete, comm_info, comm_open, connect, debug', async () => {
    assert.strictEqual((await kernel.ask('shell', 'is_complete_request', { code: 'if (true) {' })).status, 'incomplete');
    assert.deepStrictEqual((await kernel.ask('shell', 'comm_info_request', {})).comms, {});
    const comm = await kernel.send('shell', 'comm_open', { comm_id: 'c1', target_name: 'none', data: {} });
    assert.strictEqual((await kernel.until(message => message.type === 'comm_close' && message.parent.msg_id === comm)).content.comm_id, 'c1');
    assert.ok((await kernel.ask('control', 'connect_request', {})).shell_port > 0);
    assert.strictEqual((await kernel.ask('control', 'debug_request', { type: 'request', seq: 1, command: 'initialize', arguments: {} })).success, false);
  });

  await test('shutdown on control ends the process, also while a cell runs', async () => {
    await kernel.start('while (true) { }');
    assert.strictEqual((await kernel.ask('control', 'shutdown_request', { restart: false })).restart, false);
    assert.deepStrictEqual(await kernel.exited, { code: 0, signal: null });
  });
  await kernel.close();

  kernel = await Kernel.start(argv);
  await test('SIGTERM ends the process', async () => {
    kernel.process.kill('SIGTERM');
    assert.deepStrictEqual(await kernel.exited, { code: 0, signal: null });
  });
  await kernel.close();

  const parent = spawn('sleep', ['600']);
  kernel = await Kernel.start(argv, { JPY_PARENT_PID: String(parent.pid) });
  await test('the end of the parent ends the kernel', async () => {
    parent.kill('SIGKILL');
    assert.deepStrictEqual(await kernel.exited, { code: 0, signal: null });
  });
  await kernel.close();

  for (const [name, content] of [['missing', null], ['malformed', '{"ip":'], ['without ports', '{}']]) {
    await test(`connection file ${name}: one sentence, exit 2`, async () => {
      const file = path.join(os.tmpdir(), `llmlab-wire-${process.pid}.json`);
      if (content !== null) fs.writeFileSync(file, content);
      const run = spawnSync(argv[0], argv.slice(1).map(word => word === '{connection_file}' ? file : word), { encoding: 'utf8' });
      fs.rmSync(file, { force: true });
      assert.strictEqual(run.status, 2);
      assert.strictEqual(run.stderr.trim().split('\n').length, 1, run.stderr);
      assert.match(run.stderr, /connection file/);
    });
  }

  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
})().catch(error => {
  console.log(error);
  console.log(`${passed} passed, ${failed + 1} failed`);
  process.exit(1);
});
