/**
 * Runs the cases of one scenario in this process, traced or not, and prints what came of them as JSON.
 */
const { createRequire } = require('node:module');
const path = require('node:path');

// From the root: the packages' own folder has no SDK, and may have another copy of the API.
const requireFromRoot = createRequire(path.resolve(__dirname, '../../../package.json'));
const { context, diag, DiagLogLevel, SpanStatusCode, trace } = requireFromRoot('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = requireFromRoot('@opentelemetry/context-async-hooks');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = requireFromRoot('@opentelemetry/sdk-trace');

/**
 * @param scenario see scenarios/
 * @param load what loads the scenario's package: `require`, or an import
 */
async function runScenario(scenario, load) {
  // Warnings of the product are for the test to see.
  const write = (...message) => process.stderr.write(`${message.join(' ')}\n`);
  diag.setLogger({ error: write, warn: write, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const instrumentation = process.env.TRACED === '1' ? instrument(scenario) : undefined;

  const api = await load(scenario.specifier);
  const cases = {};
  for (const [title, { run }] of Object.entries(scenario.cases)) {
    exporter.reset();
    const value = await run(api, { ...tools, load });
    cases[title] = { value: value ?? null, spans: describe(exporter.getFinishedSpans()) };
  }
  process.stdout.write(JSON.stringify({ cases, report: instrumentation?.getPatchReport() ?? [] }));
}

function instrument({ targets = [], presets = [] }) {
  const { AsyncGeneratorInstrumentation, registerImportHooks } = requireFromRoot(
    'opentelemetry-instrumentation-async-generator',
  );
  registerImportHooks({ targets, presets });
  return new AsyncGeneratorInstrumentation({ targets, presets });
}

/** Spans in the order of their starts, as the scenarios expect them. */
function describe(spans) {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  return spans.map((span) => {
    const { attributes, name, status, parentSpanContext } = span;
    const parent = parentSpanContext && byId.get(parentSpanContext.spanId);
    return {
      name,
      outcome: attributes['async_generator.outcome'],
      items: attributes['async_generator.item.count'],
      ...(attributes['error.type'] !== undefined && { error: attributes['error.type'] }),
      ...(status.code === SpanStatusCode.ERROR && { failed: true }),
      ...(parent !== undefined && { parent: parent.name }),
    };
  });
}

/** What a program can find out about a function without calling it. The same, traced or not. */
function shapeOfFunction(fn) {
  const prototype = Object.getOwnPropertyDescriptor(fn, 'prototype');
  return {
    tag: Object.prototype.toString.call(fn),
    name: fn.name,
    length: fn.length,
    keys: Reflect.ownKeys(fn).map(String),
    parent: Object.getPrototypeOf(fn)?.[Symbol.toStringTag] ?? null,
    prototype: prototype === undefined ? null : { ...prototype, value: typeof prototype.value },
    isConstructor: isConstructor(fn),
  };
}

function isConstructor(fn) {
  try {
    Reflect.construct(Object, [], fn);
    return true;
  } catch {
    return false;
  }
}

/** The same for what it returned; `fn` is the function that made it, where it is an async-generator function. */
function shapeOfIterable(iterable, fn) {
  return {
    tag: Object.prototype.toString.call(iterable),
    keys: Object.keys(iterable),
    isMadeBy: fn === undefined ? null : iterable instanceof fn && Object.getPrototypeOf(iterable) === fn.prototype,
    parents: parentsOf(iterable),
    members: ['next', 'return', 'throw', 'pipe', 'getReader', 'tee', 'controller', 'then', 'catch', 'finally'].filter(
      (key) => key in iterable,
    ),
    isItsOwnIterator:
      typeof iterable.next === 'function' && Symbol.asyncIterator in iterable
        ? iterable[Symbol.asyncIterator]() === iterable
        : null,
  };
}

function parentsOf(object) {
  const names = [];
  for (let at = Object.getPrototypeOf(object); at !== null; at = Object.getPrototypeOf(at)) {
    names.push(at[Symbol.toStringTag] ?? (Object.hasOwn(at, 'constructor') ? at.constructor?.name : '') ?? '');
  }
  return names;
}

/** All items, or as many as are asked for: then a `break` follows. */
async function collect(iterable, count = Infinity) {
  const items = [];
  for await (const item of iterable) {
    items.push(item);
    if (items.length === count) break;
  }
  return items;
}

/** What the work was rejected with. */
async function rejection(work) {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return { name: error.name, message: error.message, isError: error instanceof Error };
  }
  return 'no rejection';
}

/** A local HTTP server for the time of `use`. */
async function withServer(listener, use) {
  const http = require('node:http');
  const server = http.createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(server.address().port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const tools = { collect, rejection, shapeOfFunction, shapeOfIterable, withServer };

module.exports = { runScenario };
