// Makes doc/trace.png again: a trace of the demo, as Jaeger shows it. It takes Node 22 or newer, the build, Chromium,
// pngquant, and a Jaeger:
//
//   docker run --rm -p 16686:16686 -p 4318:4318 jaegertracing/jaeger
//   CHROMIUM=/usr/bin/chromium node scripts/trace-picture.mjs
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const JAEGER = 'http://localhost:16686';
const OTLP = 'http://localhost:4318';
const { CHROMIUM = 'chromium' } = process.env;

const root = fileURLToPath(new URL('..', import.meta.url));
const PICTURE = path.join(root, 'doc/trace.png');

const SIZE = { width: 1000, height: 775 };

/** Traces of an earlier picture are older. */
const startedAt = Date.now();
const SERVICE = 'orders';
/** Of the three of the demo, the one that is left by `break`. */
const WHICH = 1;

runDemo();
const traceId = await eventually(findTrace);
await takePicture(`${JAEGER}/trace/${traceId}?uiEmbed=v0&uiTimelineCollapseTitle=1&uiTimelineHideMinimap=1`);

/** In a folder of its own: spans have the paths of their files. */
function runDemo() {
  const folder = path.join(tmpdir(), 'demo');
  rmSync(folder, { recursive: true, force: true });
  cpSync(path.join(root, 'examples/demo'), folder, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const args = [path.join(root, 'build/src/cli.js'), 'run', '--spans', '--otlp', OTLP, 'app.mjs'];
  execFileSync(process.execPath, args, {
    cwd: folder,
    // Nothing about the machine.
    env: { ...process.env, OTEL_SERVICE_NAME: SERVICE, OTEL_NODE_RESOURCE_DETECTORS: 'env' },
    stdio: 'inherit',
  });
  rmSync(folder, { recursive: true });
}

async function findTrace() {
  const { data } = await (await fetch(`${JAEGER}/api/traces?service=${SERVICE}&limit=20`)).json();
  const starts = data
    .flatMap(({ spans }) => spans.filter(({ operationName }) => operationName === 'readOrders'))
    .filter(({ startTime }) => startTime / 1000 > startedAt)
    .sort((a, b) => a.startTime - b.startTime);
  return starts.length === 3 ? starts[WHICH].traceID : undefined;
}

async function takePicture(url) {
  const profile = mkdtempSync(path.join(tmpdir(), 'trace-picture-'));
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
  const chromium = spawn(CHROMIUM, [...args, `--user-data-dir=${profile}`, url], {
    stdio: 'ignore',
  });
  try {
    const page = await openPage(profile);
    const click = (selector) => page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.click()`);
    const isThere = (selector) => async () =>
      (await page.evaluate(`document.querySelector(${JSON.stringify(selector)}) !== null`)) || undefined;
    await page.send('Emulation.setDeviceMetricsOverride', { ...SIZE, deviceScaleFactor: 1, mobile: false });
    await eventually(isThere('.span-view'));
    // The attributes of the first span.
    await click('.span-view');
    await eventually(isThere('.AccordionAttributes--header, .AccordianKeyValues--header'));
    await click('.AccordionAttributes--header, .AccordianKeyValues--header');
    await setTimeout(1000);
    const { data } = await page.send('Page.captureScreenshot', { format: 'png' });
    writeFileSync(PICTURE, Buffer.from(data, 'base64'));
    // It is shipped with the package. More colours cannot be told apart.
    execFileSync('pngquant', ['--force', '--speed', '1', '--output', PICTURE, '16', PICTURE]);
  } finally {
    chromium.kill();
    await setTimeout(500);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A page of Chromium, by its DevTools protocol. */
async function openPage(profile) {
  const port = await eventually(() => readFileSync(path.join(profile, 'DevToolsActivePort'), 'utf8').split('\n')[0]);
  const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
  const socket = new globalThis.WebSocket(targets.find(({ type }) => type === 'page').webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
    waiting.delete(id);
  };
  let last = 0;
  const send = (method, params) =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    send,
    evaluate: async (expression) => (await send('Runtime.evaluate', { expression, returnByValue: true })).result.value,
  };
}

/** Tries until there is something. */
async function eventually(attempt) {
  for (let tries = 0; ; tries++) {
    try {
      const found = await attempt();
      if (found !== undefined) return found;
    } catch (error) {
      if (tries === 100) throw error;
    }
    if (tries === 100) throw new Error(`${attempt.name || 'The page'}: nothing after 100 tries.`);
    await setTimeout(300);
  }
}
