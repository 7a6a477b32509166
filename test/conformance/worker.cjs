/** Runs one test of test262, see run.mjs. */
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { types } = require('node:util');
const vm = require('node:vm');
const { parentPort, workerData } = require('node:worker_threads');
const { parse } = require('acorn');

const { file, harness, mode, traceOptions } = workerData;
const text = readFileSync(file, 'utf8');
const [, meta] = /\/\*---([\s\S]*?)---\*\//.exec(text);
const listOf = (key) => (new RegExp(`${key}: \\[(.*?)\\]`).exec(meta)?.[1] ?? '').split(',').map((each) => each.trim());

let modules;
let fileCount = 0;
let passed = 'pass';
let reported = false;
function report(result) {
  if (!reported) parentPort.postMessage(result);
  reported = true;
}

// What the suite expects of its host.
globalThis.print = (message) => {
  if (message === 'Test262:AsyncTestComplete') report(passed);
  else if (String(message).startsWith('Test262:AsyncTestFailure')) report(String(message));
};
globalThis.$262 = {
  global: globalThis,
  evalScript: (source) => vm.runInThisContext(source),
  createRealm: () => ({ global: vm.runInNewContext('globalThis') }),
};
process.on('uncaughtException', (error) => report(`uncaught: ${error?.message}`));
process.on('unhandledRejection', () => {});

const trace = createTrace();
const isAsyncGeneratorFunction = (value) => types.isGeneratorFunction(value) && types.isAsyncFunction(value);
globalThis.__function = (value) => (isAsyncGeneratorFunction(value) ? trace(value) : value);
globalThis.__members = (value) => {
  for (const holder of [value, typeof value === 'function' ? value.prototype : undefined]) {
    for (const key of holder === undefined ? [] : Reflect.ownKeys(holder)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(holder, key);
      if (!descriptor.configurable || !isAsyncGeneratorFunction(descriptor.value)) continue;
      Reflect.defineProperty(holder, key, { ...descriptor, value: trace(descriptor.value) });
    }
  }
  return value;
};

void run();

async function run() {
  try {
    const includes = ['assert.js', 'sta.js', 'doneprintHandle.js', ...listOf('includes').filter((name) => name !== '')];
    for (const name of includes) {
      vm.runInThisContext(readFileSync(path.join(harness, name), 'utf8'), { filename: name });
    }
    const flags = listOf('flags');
    const source = (flags.includes('onlyStrict') ? '"use strict";\n' : '') + text;
    if (flags.includes('module')) await runModule();
    else if (mode === undefined) vm.runInThisContext(traceEverything(source), { filename: file });
    else vm.runInThisContext(throughTransformer(source, 'script'), { filename: file, importModuleDynamically });
    if (!flags.includes('async')) report(passed);
  } catch (error) {
    report(`threw: ${error?.message}`);
  }
}

/** The test as a module, with the modules that it imports. */
async function runModule() {
  const main = moduleOf(file);
  await main.link(linkedModule);
  await main.evaluate();
}

function moduleOf(identifier) {
  modules ??= new Map();
  if (!modules.has(identifier)) {
    const source = throughTransformer(readFileSync(identifier, 'utf8'), 'module');
    modules.set(identifier, new vm.SourceTextModule(source, { identifier, importModuleDynamically }));
  }
  return modules.get(identifier);
}

function linkedModule(specifier, referrer) {
  return moduleOf(path.resolve(path.dirname(referrer.identifier ?? file), specifier));
}

async function importModuleDynamically(specifier, referrer) {
  const imported = linkedModule(specifier, referrer);
  if (imported.status === 'unlinked') await imported.link(linkedModule);
  await imported.evaluate();
  return imported;
}

function createTrace() {
  if (traceOptions === undefined) return (value) => value;
  const api = require('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const { TracerProvider } = require('@opentelemetry/sdk-trace');
  const { traceAsyncGenerator } = require('opentelemetry-instrumentation-async-generator');
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.trace.setGlobalTracerProvider(new TracerProvider());
  return (value) => traceAsyncGenerator(value, traceOptions);
}

/** What source mode makes of the test. What the parser does not know runs as it is. */
function throughTransformer(source, sourceType) {
  if (traceOptions === undefined) return source;
  require('tsx/cjs');
  const { createRegistrar } = require('../../src/source/registrar.ts');
  const { transform } = require('../../src/source/transform.ts');
  globalThis.$asyncGenerators ??= createRegistrar(trace);
  const select = ({ isAsyncGenerator }) => isAsyncGenerator || mode === '--source=all';
  try {
    const options = { sourceType, registrar: '$asyncGenerators', file: fileCount++, select };
    return transform(source, options).code;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    passed = 'pass, not parsed';
    return source;
  }
}

/** Puts a call of `__function` or `__members` around everything that may be or hold an async-generator function. */
function traceEverything(source) {
  const insertions = [];
  const wrap = (node, before, after) => insertions.push([node.start, before], [node.end, after]);
  // In an object literal a function or class without a name still takes that of its variable.
  const wrapNamed = (node, name, call) => {
    const key = JSON.stringify(name);
    wrap(node, `${call}({ ${key}: `, ` }[${key}])`);
  };
  visit(parse(source, { ecmaVersion: 'latest' }));
  insertions.sort(([a], [b]) => b - a);
  return insertions.reduce((text, [at, inserted]) => text.slice(0, at) + inserted + text.slice(at), source);

  function visit(node, parent, block = node) {
    const isGenerator = node.async && node.generator;
    const nameFrom =
      parent?.type === 'VariableDeclarator'
        ? parent.id
        : parent?.type === 'AssignmentExpression'
          ? parent.left
          : undefined;
    const inferredName = !node.id && nameFrom?.type === 'Identifier' ? nameFrom.name : undefined;
    if (node.type === 'FunctionDeclaration' && isGenerator) {
      const start = block.type === 'Program' ? block.body[0].start : block.start + 1;
      insertions.push([start, `${node.id.name} = __function(${node.id.name});`]);
    } else if (
      node.type === 'FunctionExpression' &&
      isGenerator &&
      !['Property', 'MethodDefinition'].includes(parent.type)
    ) {
      if (inferredName === undefined) wrap(node, '__function(', ')');
      else wrapNamed(node, inferredName, '__function');
    } else if (node.type === 'ClassDeclaration') {
      insertions.push([node.end, `;__members(${node.id.name});`]);
    } else if (node.type === 'ClassExpression' && inferredName !== undefined) {
      wrapNamed(node, inferredName, '__members');
    } else if (
      node.type === 'ObjectExpression' &&
      node.properties.some(({ value }) => value?.async && value.generator)
    ) {
      wrap(node, '__members(', ')');
    }
    const innerBlock = node.type === 'BlockStatement' ? node : block;
    for (const child of Object.values(node).flat()) {
      if (typeof child?.type === 'string') visit(child, node, innerBlock);
    }
  }
}
