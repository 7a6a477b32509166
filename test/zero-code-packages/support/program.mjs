/**
 * Applications in a process of their own, in an environment that says nothing about tracing but what a test adds.
 */
import { spawn } from 'node:child_process';

const isForeign = (name) => /^(?:OTEL_|npm_|NODE_OPTIONS$|NODE_V8_COVERAGE$|APP_)/.test(name);

/**
 * Starts Node.
 *
 * @returns `prints(text)`, which resolves when the output contains that, `kill(signal)`, and `ended`, which resolves to
 *   status, signal and output
 */
export function startProgram(node, args, { cwd, env = {} }) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
  const child = spawn(node, args, { cwd, env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  let look = () => {};
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (chunk) => {
      written[name] += chunk;
      look();
    });
  }
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, ...written }));
  });
  return {
    prints: (text) =>
      new Promise((resolve, reject) => {
        look = () => written.stdout.includes(text) && resolve();
        look();
        ended.then((result) => reject(new Error(`ended without '${text}': ${JSON.stringify(result)}`)), reject);
      }),
    kill: (signal) => child.kill(signal),
    ended,
  };
}

export const runProgram = (...args) => startProgram(...args).ended;

/**
 * The result without the frames of Node's own in the stack of an uncaught error. Node 20 has one more of them where an
 * AsyncLocalStorage is in use, which every SDK for tracing has.
 */
export const withoutInternalFrames = ({ stderr, ...result }) => ({
  ...result,
  stderr: stderr.replace(/^ {4}at .*\(node:.*\n/gm, ''),
});
