/**
 * However a process ends under register, the metrics and log records of its last runs arrive, each once.
 */
import { expect } from 'chai';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { makeProject } from '../support/folder';
import { OTLP_PROTOCOLS, totals, useOtlpReceiver, type OtlpPoint } from '../support/otlp';
import { runProgram } from '../support/program';
import { PACKAGE_NAME } from '../../src/version';

const REGISTER = `${PACKAGE_NAME}/register`;
const ENDS = path.join(ROOT, 'test/fixtures/zero-code/ends');

const MODEL = `
exports.Ollama = class Ollama {
  config = { host: 'http://127.0.0.1:11434' };
  async *chat() {
    for (const text of ['a', 'b', 'c']) yield { model: 'llama', message: { content: text } };
    throw new RangeError('out of tokens');
  }
};
`;

const CHAT = `
const { Ollama } = require('ollama');
(async () => {
  const chat = new Ollama().chat({ model: 'llama', stream: true });
  for (let chunk = 0; chunk < 2; chunk++) await chat.next();
  globalThis.open = chat;
  if (process.argv[2] === 'failed') for await (const _ of chat);
})().catch(() => process.exit(7)).then(() => process.exit(7));
`;

const FAIL = `
async function* fail() { yield 1; throw new RangeError('broken'); }
(async () => { for await (const _ of fail()); })().catch((error) => {
  if (process.argv[2] === 'exit') process.exit(7);
  if (process.argv[2] === 'flush') {
    require('@opentelemetry/api').metrics.getMeterProvider().forceFlush();
    setImmediate(() => process.exit(7));
  }
  if (process.argv[2] === 'throw') setImmediate(() => { throw error; });
});
`;

/** Exits when some metrics have been exported, and others have not. */
const PERIODS = `
const { subscribe } = require('node:diagnostics_channel');
async function* count(to) { for (let item = 1; item <= to; item++) yield item; }
const run = async () => { for await (const _ of count(3)); };
let answers = 0;
subscribe('http.client.response.finish', ({ request }) => {
  if (request.path !== '/v1/metrics') return;
  answers++;
});
run();
// Not in the context of the export, in which nothing is traced.
setInterval(() => { if (answers >= 2) run().then(() => process.exit(7)); }, 10);
`;

const OBSERVED = `
const { metrics } = require('@opentelemetry/api');
const meter = metrics.getMeter('app');
meter.createCounter('counted').add(2);
meter.createObservableGauge('observed').addCallback((result) => {
  console.log('asked');
  result.observe(1);
});
process.exit(7);
`;

/** Says of each thread that is started, and starts none. */
const THREADS = `
require('node:worker_threads').Worker = class {
  constructor() {
    console.log('a thread');
    throw new Error('no threads here');
  }
};
`;

const DETECTING = `
const Module = require('node:module');
const load = Module._load;
// As long as a cloud's detector waits for an address that does not answer.
Module._load = function (id, ...rest) {
  const exports = load.call(this, id, ...rest);
  if (id !== '@opentelemetry/resources') return exports;
  const hostDetector = { detect: () => ({ attributes: { 'host.id': new Promise((resolve) => setTimeout(resolve, 60_000).unref()) } }) };
  return new Proxy(exports, { get: (target, key) => (key === 'hostDetector' ? hostDetector : target[key]) });
};
`;

describe('the metrics and log records of the end of a process under register', function () {
  this.timeout(60_000);

  const receiver = useOtlpReceiver();
  const project = makeProject({
    'node_modules/ollama/package.json': JSON.stringify({ name: 'ollama', version: '0.6.0', main: 'index.js' }),
    'node_modules/ollama/index.js': MODEL,
    'chat.cjs': CHAT,
    'fail.cjs': FAIL,
    'periods.cjs': PERIODS,
    'observed.cjs': OBSERVED,
    'detecting.cjs': DETECTING,
    'threads.cjs': THREADS,
  });
  const env = {
    OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './*.cjs',
    OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '50000',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
  };
  const traced = (args: readonly string[], { cwd = project, ...more }: { cwd?: string } & NodeJS.ProcessEnv = {}) =>
    runProgram(['--require', REGISTER, ...args], { cwd, env: { ...env, ...receiver.env('http/json'), ...more } });

  // Those of all other ends are in ends.test.ts.
  for (const { temporality, protocol, way } of [
    ...OTLP_PROTOCOLS.flatMap((protocol) =>
      ['cumulative', 'delta'].map((temporality) => ({ temporality, protocol, way: 'with process.exit(7)' })),
    ),
    { temporality: 'delta', protocol: 'http/protobuf', way: 'by itself' } as const,
  ]) {
    it(`have each run once: ${temporality}, ${protocol}, ${way}`, async () => {
      await traced(['app.cjs', way], {
        cwd: ENDS,
        ...receiver.env(protocol),
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
      });
      const once = { completed: 1, interrupted: 1 };
      expect({
        durations: totals(await receiver.points(), 'async_generator.run.duration'),
        items: totals(await receiver.points(), 'async_generator.run.items'),
        active: totals(await receiver.points(), 'async_generator.run.active'),
      }).to.deep.equal({ durations: once, items: once, active: { open: 0 } });
    });
  }

  for (const temporality of ['cumulative', 'delta']) {
    it(`have what has ended since the last periodic export: ${temporality}`, async () => {
      const { status } = await traced(['periods.cjs'], {
        OTEL_METRIC_EXPORT_INTERVAL: '100',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
      });
      expect(status).to.equal(7);
      expect(totals(await receiver.points(), 'async_generator.run.duration')).to.deep.equal({ completed: 2 });
    });
  }

  it('come with one request where the event loop has sent everything', async () => {
    await traced(['fail.cjs'], { OTEL_TRACES_EXPORTER: 'none' });
    expect(totals(await receiver.points(), 'async_generator.run.duration')).to.deep.equal({ failed: 1 });
    expect((await receiver.requests()).map((request) => request.path)).to.deep.equal(['/v1/metrics']);
  });

  for (const end of ['exit', 'flush']) {
    it(`do not wait for a resource detector that is slow: ${end}`, async () => {
      const { status } = await traced(['--require', './detecting.cjs', 'fail.cjs', end], {
        OTEL_NODE_RESOURCE_DETECTORS: 'host',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      });
      expect(status).to.equal(7);
      expect(totals(await receiver.points(), 'async_generator.run.duration')).to.deep.equal({ failed: 1 });
    });
  }

  it('are those of instruments that are recorded with, and ask no callback of the program', async () => {
    const { stdout } = await traced(['observed.cjs']);
    expect(stdout).to.equal('');
    const ofProgram = (await receiver.points()).filter(({ scope }) => scope === 'app');
    expect(ofProgram.map(({ name, sum }) => ({ name, sum }))).to.deep.equal([{ name: 'counted', sum: 2 }]);
  });

  it('are printed by the console exporter', async () => {
    const { stdout } = await traced(['fail.cjs', 'exit'], { OTEL_METRICS_EXPORTER: 'console' });
    expect(stdout.split("name: 'async_generator.run.duration'")).to.have.length(2);
  });

  it('are not sent where the environment does not say where metrics go, so that nothing waits for a collector', async () => {
    const run = (more: NodeJS.ProcessEnv) =>
      traced(['--require', './threads.cjs', 'observed.cjs'], { OTEL_TRACES_EXPORTER: 'none', ...more });
    expect((await run({})).stdout).to.equal('a thread\n');
    const { status, stdout } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: '' });
    expect({ status, stdout }).to.deep.equal({ status: 7, stdout: '' });
  });

  describe('of a model', () => {
    const models = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS: 'ollama' };
    const ofModel = async () =>
      (await receiver.points()).filter(({ name }) => name.startsWith('gen_ai.client.inference.'));
    const kinds = (points: readonly OtlpPoint[]) =>
      points.map(({ name, count }) => `${name.slice('gen_ai.client.inference.'.length)} ${count ?? ''}`.trim()).sort();

    it('have the request that is interrupted', async () => {
      await traced(['chat.cjs'], models);
      expect(kinds(await ofModel())).to.deep.equal([
        'duration 1',
        'time_per_output_chunk 1',
        'time_to_first_chunk 1',
        'usage.input_tokens',
        'usage.output_tokens',
      ]);
    });

    it('have the request that fails just before, and its exception', async () => {
      await traced(['chat.cjs', 'failed'], { ...models, OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs' });
      const [duration] = (await ofModel()).filter(({ name }) => name.endsWith('.duration'));
      expect(duration?.attributes['error.type']).to.equal('RangeError');
      const logs = await receiver.logs();
      const [span] = await receiver.spans();
      expect(logs.map(({ eventName, spanId }) => ({ eventName, spanId }))).to.deep.equal([
        { eventName: 'gen_ai.client.operation.exception', spanId: span?.spanId },
      ]);
    });
  });

  for (const protocol of OTLP_PROTOCOLS) {
    for (const end of ['by itself', 'exit', 'throw']) {
      it(`have the exception of a run that fails just before: ${protocol}, ${end}`, async () => {
        await traced(['fail.cjs', end], { ...receiver.env(protocol), OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: 'logs' });
        const logs = await receiver.logs();
        expect(logs.map(({ attributes }) => attributes['exception.message'])).to.deep.equal(['broken']);
        expect((await receiver.spans()).flatMap(({ events }) => events)).to.deep.equal([]);
      });
    }
  }
});
