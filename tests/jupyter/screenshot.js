// Opens a notebook in the classic Jupyter front end in a headless Chromium, runs all cells, and takes a picture of its last plot.
//   node screenshot.js REPOSITORY NOTEBOOK PICTURE.png
// Needs npm's playwright-core, Debian's chromium and jupyter-notebook, and the kernel installed where JUPYTER_DATA_DIR says.
'use strict';
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const { chromium } = require('playwright-core');

const [repository, notebook, picture] = process.argv.slice(2, 5);
const name = path.basename(notebook);
let passed = 0, failed = 0;

function check(what, condition, detail = '') {
  condition ? passed++ : failed++;
  console.log(`${condition ? 'ok  ' : 'FAIL'} ${name} in the browser: ${what}${detail ? ' (' + detail + ')' : ''}`);
}

async function until(test, seconds, what) {
  for (let end = Date.now() + seconds * 1000; Date.now() < end; await new Promise(resolve => setTimeout(resolve, 200))) {
    if (await test()) return;
  }
  throw new Error(`${what} did not happen within ${seconds} s`);
}

const freePort = () => new Promise(resolve => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

(async () => {
  // Jupyter saves what it runs, so it gets a copy, beside the built library that the first cell names.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'llmlab-browser-'));
  fs.mkdirSync(path.join(folder, 'notebooks'));
  fs.copyFileSync(notebook, path.join(folder, 'notebooks', name));
  for (const entry of ['src', 'data']) {
    if (fs.existsSync(path.join(repository, entry))) fs.symlinkSync(path.join(repository, entry), path.join(folder, entry));
  }
  const port = await freePort();
  const server = spawn('/usr/bin/jupyter', ['notebook', '--no-browser', '--allow-root', '--ip=127.0.0.1', `--port=${port}`, '--NotebookApp.token=', '--NotebookApp.password=', `--notebook-dir=${folder}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', data => { log += data; });
  const address = `http://127.0.0.1:${port}`;
  let browser;
  try {
    await until(() => fetch(`${address}/api`).then(answer => answer.ok, () => false), 60, 'the start of Jupyter');
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    const page = await browser.newPage({ viewport: { width: 1120, height: 1000 } });
    await page.goto(`${address}/notebooks/notebooks/${encodeURIComponent(name)}`);
    const idle = () => page.evaluate(() => window.Jupyter?.notebook?.kernel?.is_connected?.() === true && !Jupyter.notebook.kernel_busy);
    await until(idle, 60, 'the connection to the kernel');
    check('the kernel is LlmLab\'s', await page.evaluate(() => Jupyter.notebook.kernel.name === 'llmlab'));

    await page.evaluate(() => { Jupyter.notebook.clear_all_output(); Jupyter.notebook.execute_all_cells(); });
    const left = () => page.evaluate(() => Jupyter.notebook.get_cells().filter(cell => cell.cell_type === 'code' && cell.get_text().trim() && !(cell.input_prompt_number > 0)).length);
    await until(async () => await left() === 0 || await page.locator('.output_error').count() > 0, 600, 'the end of the run');
    check('no cell failed', await page.locator('.output_error').count() === 0, (await page.locator('.output_error').allTextContents()).join(' ').slice(0, 500));

    const plots = page.locator('.output_png img');
    const drawn = await plots.evaluateAll(images => images.filter(image => image.complete && image.naturalWidth >= 300).length);
    check('its plots are shown', drawn > 0, `${drawn} pictures`);
    if (drawn > 0) {
      await page.evaluate(() => { $('#header-container').hide(); Jupyter.notebook.events.trigger('resize-header.Page'); Jupyter.notebook.get_cells().forEach(cell => cell.unselect()); });
      await plots.last().evaluate(image => image.closest('.cell').scrollIntoView({ block: 'end' }));
      await page.waitForTimeout(500);
    }
    await page.screenshot({ path: picture });
    check('a picture was taken', fs.statSync(picture).size > 10000, picture);
  } catch (error) {
    check(error.message, false, log.slice(-1500));
  } finally {
    await browser?.close();
    const ended = new Promise(resolve => server.on('exit', resolve));
    server.kill('SIGTERM');
    const force = setTimeout(() => server.kill('SIGKILL'), 10000);
    await ended;
    clearTimeout(force);
    fs.rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
})();
