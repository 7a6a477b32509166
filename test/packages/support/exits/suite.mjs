/**
 * A preset on the real package: one stream, left in each of the seven ways that there are. A scenario (test/packages/exits/*.cjs) exports
 *
 *   preset, group, packages     'openai' (several: 'aws-sdk,bedrock'), 'models', ['openai-4', 'openai-7']: workspaces of test/packages/<group>,
 *                               one for each version. Without a group, the module is a core one, and `packages` says what the tests are called
 *   module, formats?            what is loaded there, by `require` and by `import`; formats: ['cjs'] where it has no other, or a
 *                               function of the workspace
 *   answer?(request, response, { exit, secret })   the server; or service: { name, port }, one that the machine has
 *   open(api, { port, exit, signal, secret, onEnd, load, workspace })  -> what is iterated over. `onEnd(fn)`: closes pools and the like
 *   show?(item), items?         what the program prints of an item (`secret` among it), and how many it reads before it leaves (2)
 *   abort?(iterable, controller)                   how the program aborts, if not by the signal
 *   spans(exit, workspace)      the one span, or a list: { name, outcome?, attributes?, items?, kind? }. An attribute may be a function that
 *                               says whether a value is right; undefined: not there. `items`: how many were printed, unless it says else (a number, or a
 *                               function as of attributes);
 *                               `outcome`: that of the exit
 *   metrics?(exit, workspace)   { name: value }: the sum of a counter, how often a histogram was recorded
 *   isErrorTold?                the client gives an error as an item, and then ends the stream like any other
 *   toldByOthers?               by exit, the `gen_ai.operation.name` of the spans that others have made: ours has none, and they are beside ours
 *   isToldByClient?              the client makes a span that has `gen_ai.operation.name`: ours has none
 *   without?                    { abort: 'the client has no signal' }: exits that there are none of, and why; or a function of the workspace
 *   beside?                     another instrumentation of the package: see beside.test.mjs
 *   engines?                    the versions of Node that it takes, where package.json does not say
 *
 * In one process for each workspace and format, traced and untraced, and one that ends in the middle under `register`. To run one:
 * npx mocha --config test/packages/.mocharc.json --grep 'openai on all exits'
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { satisfies } from 'semver';
import { nodeFile } from '../../../../scripts/nodes.mjs';
import { startCollector } from '../../../zero-code-packages/support/collector.mjs';

const require = createRequire(import.meta.url);
const child = require.resolve('./child.cjs');
const { SECRET, STATUS } = require(child);
export const suite = fileURLToPath(new URL('../..', import.meta.url));
const register = require.resolve('../../../../build/src/register.js');
const OURS = 'opentelemetry-instrumentation-async-generator';

const OUTCOMES = {
  end: 'completed',
  break: 'returned',
  throw: 'returned',
  abort: 'aborted',
  error: 'failed',
  abandoned: 'abandoned',
  exit: 'interrupted',
};
/** In one process; each process can exit once. */
export const EXITS = Object.keys(OUTCOMES).filter((exit) => exit !== 'exit');

/** In the folder of the workspace, so that what is loaded is what is installed there. */
const ENTRIES = {
  cjs: { args: (argument) => [child, argument], preload: '--require' },
  esm: {
    args(argument, cwd) {
      // Not by `--eval`: Node 24 makes globals of core modules there, which its hooks cannot load.
      const program = path.join(cwd, 'node_modules', 'start.mjs');
      const text = `import child from ${JSON.stringify(pathToFileURL(child).href)};
child.start(process.argv[2], (specifier) => import(specifier));
`;
      // Once: another process of the same workspace may be reading it.
      if (!existsSync(program) || readFileSync(program, 'utf8') !== text) {
        mkdirSync(path.dirname(program), { recursive: true });
        writeFileSync(program, text);
      }
      return [program, argument];
    },
    preload: '--import',
  },
};

function start(nodeArgs, { node, format, cwd, env, ...argument }) {
  const args = [...nodeArgs, ...ENTRIES[format].args(JSON.stringify(argument), cwd)];
  const { NODE_OPTIONS: _inherited, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(
      node,
      args,
      { cwd, env: { ...inherited, NODE_NO_WARNINGS: '1', ...env }, timeout: 100_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

/** What the program sees, and what is recorded, for each of the exits but that of the process. */
export async function leaveInAllWays(options) {
  const { status, stdout, stderr } = await start(['--expose-gc'], {
    ...options,
    // All that there may be of an exception.
    env: { OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs/dup' },
  });
  if (status !== 0) throw new Error(`${options.format} in ${options.cwd} ended with ${status}: ${stderr}${stdout}`);
  return { ...JSON.parse(stdout), stderr };
}

async function endInTheMiddle(preset, options) {
  const collector = await startCollector();
  try {
    return await endWith(collector, preset, options);
  } finally {
    await collector.close();
  }
}

async function endWith(collector, preset, options) {
  const env = {
    ...collector.env,
    OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS: preset,
    // However busy the machine is.
    OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '50000',
  };
  const { status, stdout, stderr } = await start([ENTRIES[options.format].preload, register], { ...options, env });
  const { spans, logs, metrics } = collector;
  return {
    status,
    stderr,
    printed: stdout.split('\n').filter(Boolean),
    spans: spans.map((span) => ({ ...span, isOurs: span.scope === OURS })),
    logs,
    metrics,
  };
}

/**
 * One function for each suite, in their order, which starts its processes. They wait as often as they compute: those of the next suite run while
 * this one waits, unless a part of the suites is asked for.
 */
const starts = [];
const isWhole = !process.argv.some((argument) => /^(-g|-f|--f?grep)/.test(argument));

export function describeExits(scenario, file) {
  const { preset, group, packages, formats = ['cjs', 'esm'] } = scenario;
  for (const workspace of packages) {
    for (const format of typeof formats === 'function' ? formats(workspace) : formats) {
      describe(`${preset} on all exits: ${workspace}, ${format}`, () => {
        const cwd = group === undefined ? suite : path.join(suite, group, workspace);
        describeOne(scenario, { file, workspace, format, cwd });
      });
    }
  }
}

function describeOne(scenario, options) {
  const { preset, service, metrics } = scenario;
  const { workspace } = options;
  const without = exitsWithout(scenario, workspace);
  const spans = (exit) => listOf(scenario.spans(exit, workspace)).map((span) => ({ outcome: OUTCOMES[exit], ...span }));
  const exits = EXITS.filter((exit) => without[exit] === undefined);
  let untraced;
  let traced;
  let ended;

  const index = starts.length;
  let results;
  starts.push(() => (results ??= isAvailable(service).then((isThere) => isThere && leaveAndEnd())));

  async function leaveAndEnd() {
    const withNode = { ...options, node: nodeFor(scenario, options.cwd) };
    return Promise.all([
      leaveInAllWays({ ...withNode, exits, isTraced: false }),
      leaveInAllWays({ ...withNode, exits, isTraced: true }),
      without.exit === undefined && endInTheMiddle(preset, withNode),
    ]);
  }

  before(async function () {
    this.timeout(120_000);
    const mine = starts[index]();
    // Its own suite says what went wrong.
    if (isWhole) starts[index + 1]?.().catch(() => undefined);
    const seen = await mine;
    if (!seen) this.skip();
    [untraced, traced, ended] = seen;
  });

  it('patches what it knows of the package, without a warning', () => {
    // A preset knows more than one package, and more than one version.
    const isOther = ({ status, message }) => status === 'not-loaded' || message?.includes(', but "versions" asks for ');
    const loaded = traced.report.filter((each) => !isOther(each));
    expect(loaded).to.not.be.empty;
    for (const { target, status, message } of loaded)
      expect({ target, status, message }).to.include({ status: 'patched' });
    expect(traced.stderr).to.equal(untraced.stderr);
  });

  for (const exit of exits) {
    it(`${exit}: the program sees what it sees untraced`, () => {
      const { printed } = untraced.seen[exit];
      expect(traced.seen[exit].printed).to.deep.equal(printed);
      expect(printed.filter(isItem), 'items').to.not.be.empty;
      const isThrown = exit === 'throw' || (exit === 'error' && !scenario.isErrorTold);
      expect(printed.at(-1)).to.match(isThrown ? /^error / : /^(error|done)/);
      if (exit === 'error' && scenario.isErrorTold) expect(printed.at(-1)).to.equal('done');
    });

    it(`${exit}: ${describeSpans(spans(exit))}`, () => {
      expect(untraced.seen[exit].spans.filter(({ isOurs }) => isOurs)).to.deep.equal([]);
      checkSpans(traced.seen[exit], spans(exit));
      if (scenario.toldByOthers?.[exit] !== undefined) checkBeside(traced.seen[exit], scenario.toldByOthers[exit]);
      if (scenario.isToldByClient) checkTold(traced.seen[exit], exit);
    });

    it(`${exit}: nothing is open after it, and metrics are right`, () => {
      const values = Object.fromEntries(traced.seen[exit].metrics.map(({ name, value }) => [name, value]));
      expect(values).to.include({ 'async_generator.run.active': 0, ...metrics?.(exit, workspace) });
    });
  }

  if (without.exit === undefined) {
    it('exit: the program sees what it sees untraced', () => {
      expect(ended).to.include({ status: STATUS, stderr: '' });
      expect(ended.printed).to.deep.equal(untraced.seen.break.printed.filter(isItem));
    });

    it(`exit: ${describeSpans(spans('exit'))}`, () => {
      checkSpans(ended, spans('exit'));
    });
  }

  it('records nothing of what is said', () => {
    expect(untraced.seen[exits[0]].printed.join('\n'), 'what the program prints').to.include(SECRET);
    for (const [exit, { spans: all, logs, metrics: measured }] of Object.entries({
      ...traced.seen,
      ...(ended && { exit: ended }),
    })) {
      expect(JSON.stringify([all, logs, measured]), exit).to.not.include(SECRET);
    }
  });
}

const isItem = (line) => line.startsWith('item ');

const listOf = (value) => (Array.isArray(value) ? value : [value]);

const describeSpans = (spans) => spans.map(({ name, outcome }) => `${name} ${outcome}`).join(', ') || 'no span';

/** The client's own span is there, but of a stream that is dropped, which it does not notice. */
function checkTold({ spans }, exit) {
  const told = spans.filter(({ attributes }) => attributes['gen_ai.operation.name'] !== undefined);
  expect(told.map(({ isOurs }) => isOurs)).to.deep.equal(exit === 'abandoned' ? [] : [false]);
}

/** Each says another part of the call, and none is a child of ours. Those of a call before may end late. */
function checkBeside({ spans }, operations) {
  const told = spans.filter(({ attributes }) => attributes['gen_ai.operation.name'] !== undefined);
  expect(told.map(({ attributes }) => attributes['gen_ai.operation.name'])).to.include.members(operations);
  const ours = spans.filter(({ isOurs }) => isOurs).map(({ name }) => name);
  for (const { isOurs, parent } of told) expect([isOurs, ours.includes(parent)]).to.deep.equal([false, false]);
}

function checkSpans({ spans, printed }, expected) {
  const runs = spans.filter(({ isOurs }) => isOurs);
  const short = ({ name, attributes }) => `${name} ${attributes['async_generator.outcome']}`;
  expect(runs.map(short)).to.have.members(expected.map(({ name, outcome }) => `${name} ${outcome}`));
  for (const each of expected) {
    const { attributes, isFailed, kind } = runs.find((run) => short(run) === `${each.name} ${each.outcome}`);
    // A collector does not say it.
    if (isFailed !== undefined) expect(isFailed).to.equal(each.outcome === 'failed');
    const count = attributes['async_generator.item.count'];
    if (typeof each.items === 'function') expect(count).to.satisfy(each.items);
    else expect(count).to.equal(each.items ?? printed.filter(isItem).length);
    if (each.kind !== undefined) expect(kind).to.equal(each.kind);
    for (const [name, value] of Object.entries(each.attributes ?? {})) {
      if (typeof value === 'function') expect(attributes[name], name).to.satisfy(value);
      else expect(attributes[name], name).to.deep.equal(value);
    }
  }
}

/** This one, unless the package does not run on it. */
export function nodeFor({ module, engines }, cwd) {
  return satisfies(process.version, engines ?? enginesOf(module, cwd)) ? process.execPath : nodeFile(24);
}

function enginesOf(name, cwd) {
  const folder = createRequire(path.join(cwd, 'x.js'))
    .resolve.paths(name)
    .map((each) => path.join(each, ...name.split('/').slice(0, name.startsWith('@') ? 2 : 1)))
    .find((each) => existsSync(each));
  return require(path.join(folder, 'package.json')).engines?.node ?? '*';
}

/** Exits that a scenario has none of in a workspace. */
export function exitsWithout({ without = {} }, workspace) {
  return typeof without === 'function' ? (without(workspace) ?? {}) : without;
}

/** Whether the service of a scenario answers, if it needs one. Where there have to be all services, one that does not is an error. */
export async function isAvailable(service) {
  if (service === undefined || (await answers(service.port))) return true;
  const reason = `${service.name} does not answer on 127.0.0.1:${service.port}`;
  if (process.env.OTEL_ASYNC_GENERATOR_TEST_SERVICES) throw new Error(reason);
  console.log(`      skipped: ${reason}`);
  return false;
}

/** Whether something listens on the port of this machine. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
