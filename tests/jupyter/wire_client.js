// A Jupyter client that speaks the wire protocol itself: its own framing and HMAC over npm's zeromq, as VS Code's extension does.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const zmq = require('zeromq');

const delimiter = Buffer.from('<IDS|MSG>');

async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise(resolve => {
    const server = net.createServer().listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map(server => server.address().port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

class Kernel {
  /** Starts the kernel of a kernelspec and waits until it answers. */
  static async start(argv, environment = {}) {
    const kernel = new Kernel();
    const [shell, control, iopub, stdin, hb] = await freePorts(5);
    kernel.key = crypto.randomUUID();
    kernel.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'llmlab-wire-'));
    kernel.file = path.join(kernel.folder, 'connection.json');
    fs.writeFileSync(kernel.file, JSON.stringify({
      transport: 'tcp', ip: '127.0.0.1', key: kernel.key, signature_scheme: 'hmac-sha256', kernel_name: 'llmlab',
      shell_port: shell, control_port: control, iopub_port: iopub, stdin_port: stdin, hb_port: hb,
    }));
    kernel.startedAt = process.hrtime.bigint();
    const command = argv.map(word => word === '{connection_file}' ? kernel.file : word);
    kernel.process = spawn(command[0], command.slice(1), { cwd: kernel.folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    kernel.errors = '';
    kernel.process.stderr.on('data', data => { kernel.errors += data; });
    kernel.process.stdout.on('data', () => {});
    kernel.exited = new Promise(resolve => kernel.process.on('exit', (code, signal) => { kernel.hasExited = true; resolve({ code, signal }); }));

    const identity = crypto.randomUUID();
    const address = port => `tcp://127.0.0.1:${port}`;
    kernel.sockets = {
      shell: new zmq.Dealer({ routingId: identity }),
      control: new zmq.Dealer({ routingId: identity }),
      stdin: new zmq.Dealer({ routingId: identity }),
      iopub: new zmq.Subscriber(),
      hb: new zmq.Request(),
    };
    kernel.sockets.iopub.subscribe();
    for (const [name, port] of Object.entries({ shell, control, stdin, iopub, hb })) {
      kernel.sockets[name].reconnectInterval = 10;
      kernel.sockets[name].connect(address(port));
    }
    kernel.session = crypto.randomUUID();
    kernel.messages = [];
    kernel.waiting = [];
    for (const name of ['shell', 'control', 'stdin', 'iopub']) kernel.listen(name);
    await kernel.until(message => message.type === 'iopub_welcome', 30000, 'iopub_welcome');
    return kernel;
  }

  async listen(channel) {
    try {
      for await (const frames of this.sockets[channel]) {
        const at = frames.findIndex(frame => frame.equals(delimiter));
        const [signature, header, parent, metadata, content] = frames.slice(at + 1, at + 6);
        const message = { channel, at: process.hrtime.bigint(), header: JSON.parse(header), parent: JSON.parse(parent), content: JSON.parse(content) };
        message.type = message.header.msg_type;
        message.signed = signature.toString() === this.sign([header, parent, metadata, content]);
        this.messages.push(message);
        this.waiting = this.waiting.filter(waiter => !waiter());
      }
    } catch (error) {
      if (!this.isClosed) throw error;
    }
  }

  sign(parts) {
    const hmac = crypto.createHmac('sha256', this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  /** Frames of a request; its header's msg_id is the request's id. */
  frames(type, content, parent = {}) {
    const header = { msg_id: crypto.randomUUID(), session: this.session, username: 'test', date: new Date().toISOString(), msg_type: type, version: '5.4' };
    const parts = [header, parent, {}, content].map(part => Buffer.from(JSON.stringify(part)));
    return { id: header.msg_id, frames: [delimiter, Buffer.from(this.sign(parts)), ...parts] };
  }

  async send(channel, type, content, parent = {}) {
    const { id, frames } = this.frames(type, content, parent);
    await this.sockets[channel].send(frames);
    return id;
  }

  /** The first message, past or coming, that a test is true of. */
  until(test, milliseconds = 20000, what = 'message') {
    const found = this.messages.find(test);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${what} within ${milliseconds} ms; kernel said: ${this.errors.slice(-2000)}`)), milliseconds);
      this.waiting.push(() => {
        const last = this.messages[this.messages.length - 1];
        if (!test(last)) return false;
        clearTimeout(timer);
        resolve(last);
        return true;
      });
    });
  }

  reply(id, milliseconds) {
    return this.until(message => message.parent.msg_id === id && message.type.endsWith('_reply') && message.channel !== 'iopub', milliseconds, `reply to ${id}`);
  }

  idle(id, milliseconds) {
    return this.until(message => message.parent.msg_id === id && message.type === 'status' && message.content.execution_state === 'idle', milliseconds, 'idle');
  }

  start(code, options = {}) {
    return this.send('shell', 'execute_request', { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true, stop_on_error: true, ...options });
  }

  /** Runs a cell to its end. */
  async run(code, options = {}, milliseconds = 60000) {
    const id = await this.start(code, options);
    const reply = await this.reply(id, milliseconds);
    await this.idle(id);
    const outputs = this.messages.filter(message => message.channel === 'iopub' && message.parent.msg_id === id && message.type !== 'status');
    return { id, reply: reply.content, replyMessage: reply, outputs, text: textOf(outputs), value: outputs.find(output => output.type === 'execute_result')?.content.data['text/plain'] };
  }

  async ask(channel, type, content) {
    const id = await this.send(channel, type, content);
    return (await this.reply(id)).content;
  }

  async heartbeat(payload) {
    await this.sockets.hb.send(payload);
    return (await this.sockets.hb.receive())[0].toString();
  }

  /** Ends the kernel's process, if it still runs, and the sockets. */
  async close() {
    this.isClosed = true;
    for (const socket of Object.values(this.sockets)) socket.close();
    if (!this.hasExited) this.process.kill('SIGKILL');
    await this.exited;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

function textOf(messages, name = 'stdout') {
  return messages.filter(message => message.type === 'stream' && message.content.name === name).map(message => message.content.text).join('');
}

module.exports = { Kernel, textOf };
