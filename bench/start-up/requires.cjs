// Says what loading costs, package by package: preload it before what is to be looked at.
//
//   node --require ./bench/start-up/requires.cjs --require ./build/src/register.js bench/start-up/apps/app.cjs
//
// The time of a package is that of its own files, without what they require in turn: to read, compile and run them. A file that two
// packages need counts where it lives. Synchronous work in between (`start()` of an SDK, a loader thread that is waited for) is in
// the lines at the end. It measures itself, too: absolute times are a little high.
const Module = require('node:module');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

const packages = new Map();
const stack = [];
const calls = new Map();
const begin = performance.now();

const { load } = Module.prototype;
Module.prototype.load = function (filename) {
  const frame = { children: 0 };
  stack.push(frame);
  const startedAt = performance.now();
  try {
    return load.call(this, filename);
  } finally {
    const time = performance.now() - startedAt;
    stack.pop();
    if (stack.length > 0) stack.at(-1).children += time;
    add(packages, packageOf(filename), time - frame.children);
  }
};

timeMethod(Module, 'register', 'module.register()');
timeMethod(Module, 'registerHooks', 'module.registerHooks()');
timeMethod(Module, '_resolveFilename', 'resolving specifiers (part of the above)');

process.once('exit', () => {
  console.error(
    `\n${isMainThread ? 'main thread' : 'another thread'}, from here to the end: ${ms(performance.now() - begin)}`,
  );
  const sorted = [...packages].sort(([, a], [, b]) => b.time - a.time);
  const total = sorted.reduce((sum, [, { time }]) => sum + time, 0);
  console.error(`${ms(total)}  all files`);
  for (const [name, { time, count }] of sorted.slice(0, 25)) console.error(`${ms(time)}  ${name} (${count} files)`);
  for (const [name, { time, count }] of calls) console.error(`${ms(time)}  ${name} (${count} calls)`);
});

function timeMethod(object, name, label) {
  const original = object[name];
  if (original === undefined) return;
  object[name] = function (...args) {
    const startedAt = performance.now();
    try {
      return Reflect.apply(original, this, args);
    } finally {
      add(calls, label, performance.now() - startedAt);
    }
  };
}

function add(map, name, time) {
  const entry = map.get(name) ?? { time: 0, count: 0 };
  entry.time += time;
  entry.count++;
  map.set(name, entry);
}

function packageOf(filename) {
  const parts = filename.split(path.sep);
  const index = parts.lastIndexOf('node_modules');
  if (index < 0) return path.relative(process.cwd(), path.dirname(filename)) || '.';
  const scoped = parts[index + 1].startsWith('@');
  return parts.slice(index + 1, index + (scoped ? 3 : 2)).join('/');
}

function ms(time) {
  return `${time.toFixed(1).padStart(7)} ms`;
}
