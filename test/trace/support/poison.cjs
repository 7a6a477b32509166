/**
 * Puts functions that throw in the place of the language's and of Node's, one at a time, and runs programs with and
 * without tracing. Prints, as JSON, how many it has tried, and what a traced program saw that an untraced one does not.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const api = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { traceAsyncGenerator } = require('opentelemetry-instrumentation-async-generator');

const NOTHING = () => {};
const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
/** An SDK that calls nothing of the language's. */
const span = { spanContext: () => spanContext, isRecording: () => true, end: NOTHING };
for (const name of ['setAttribute', 'setAttributes', 'setStatus', 'addEvent', 'recordException', 'updateName']) {
  span[name] = () => span;
}
api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
api.trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => span }) });
new AsyncLocalStorage().enterWith('a store of the program');

const failure = { message: 'an error of the program' };
const makers = {
  generator: async function* () {
    yield 1;
    yield 2;
  },
  failing: async function* () {
    yield 1;
    throw failure;
  },
  iterator: function () {
    let n = 0;
    return {
      next: async () => (n++ < 2 ? { value: n, done: false } : { value: undefined, done: true }),
      return: async () => ({ value: undefined, done: true }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  },
  iterable: function () {
    return {
      async *[Symbol.asyncIterator]() {
        yield 1;
        yield 2;
      },
    };
  },
  promise: async function () {
    return makers.generator();
  },
  thenable: function () {
    return {
      then(resolve) {
        resolve(makers.generator());
      },
    };
  },
  value: function () {
    return 1;
  },
};
const traced = { __proto__: null };
for (const name of Object.keys(makers)) traced[name] = traceAsyncGenerator(makers[name]);
// Names, properties and prototypes of traced functions are the originals', so they are read, too.
const keysOf = Reflect.ownKeys;

/** What a program sees, in syntax alone: nothing that can be patched is called. */
async function look(functions, name, stopsAt) {
  let seen = '';
  try {
    const made = await functions[name]('an argument');
    seen += typeof functions[name].name;
    if (typeof made !== 'object') return seen + typeof made;
    for await (const item of made) {
      seen += ` ${typeof item}`;
      if (stopsAt !== 0) break;
    }
    return seen + ' end';
  } catch (error) {
    return seen + (error === failure ? ' its own error' : ` ${error.message}`);
  }
}

/** Every function that can be replaced, with its holder. */
function* replaceable() {
  const visited = new Set([globalThis]);
  const names = Object.getOwnPropertyNames(globalThis).filter(
    (name) => !/^(?:global|globalThis|process|navigator|localStorage|sessionStorage|crypto)$/.test(name),
  );
  const roots = names.flatMap((name) => {
    const { value } = Reflect.getOwnPropertyDescriptor(globalThis, name);
    return value !== null && /object|function/.test(typeof value) ? [[name, value]] : [];
  });
  roots.push(
    ['%ArrayIteratorPrototype%', Object.getPrototypeOf([][Symbol.iterator]())],
    ['%MapIteratorPrototype%', Object.getPrototypeOf(new Map()[Symbol.iterator]())],
    ['%SetIteratorPrototype%', Object.getPrototypeOf(new Set()[Symbol.iterator]())],
    ['%AsyncGeneratorPrototype%', Object.getPrototypeOf(makers.generator.prototype)],
    ['%TypedArray%', Object.getPrototypeOf(Int8Array)],
    ['util.types', require('node:util').types],
    ['async_hooks', require('node:async_hooks')],
    ['timers', require('node:timers')],
    ['perf_hooks', require('node:perf_hooks').performance],
    ['process.hrtime', process.hrtime],
  );
  for (const [name, root] of roots) {
    if (Object.hasOwn(globalThis, name)) yield [globalThis, name, name];
    for (const [text, holder] of [
      [name, root],
      [`${name}.prototype`, Reflect.getOwnPropertyDescriptor(root, 'prototype')?.value],
    ]) {
      if (holder === null || !/object|function/.test(typeof holder) || visited.has(holder)) continue;
      visited.add(holder);
      for (const key of keysOf(holder))
        if (key !== 'prototype' && key !== 'constructor') yield [holder, key, `${text}.${String(key)}`];
    }
  }
}

/** What Node 20 itself calls where an AsyncLocalStorage is in use. */
const CALLED_BY_NODE = new Set(['Array.prototype.pop', 'Array.prototype.push', '%TypedArray%.prototype.length']);

(async () => {
  const wrong = [];
  let tried = 0;
  const programs = keysOf(makers).flatMap((name) => [
    [name, 0],
    [name, 1],
  ]);
  for (const [name, stopsAt] of programs) await look(traced, name, stopsAt);
  for (const [holder, key, text] of [...replaceable()]) {
    const before = Reflect.getOwnPropertyDescriptor(holder, key);
    if (
      CALLED_BY_NODE.has(text) ||
      !before.configurable ||
      (typeof before.value !== 'function' && before.get === undefined)
    )
      continue;
    const throws = function () {
      throw new Error('patched');
    };
    const after = before.get === undefined ? { ...before, value: throws } : { ...before, get: throws };
    const { defineProperty } = Reflect;
    tried++;
    if (process.env.SHOW) require('node:fs').writeSync(2, text + '\n');
    for (let index = 0; index < programs.length; index++) {
      const name = programs[index][0];
      const stopsAt = programs[index][1];
      defineProperty(holder, key, after);
      const untraced = await look(makers, name, stopsAt);
      const with_ = await look(traced, name, stopsAt);
      defineProperty(holder, key, before);
      if (untraced !== with_) wrong.push(`${text}: ${name} ${stopsAt}: ${with_} instead of ${untraced}`);
    }
  }
  process.stdout.write(JSON.stringify({ tried, wrong }));
})();
