import { diag, DiagLogLevel, metrics, trace, type TracerProvider as ApiTracerProvider } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import timers = require('node:timers');
import { AsyncGeneratorInstrumentation, type AsyncGeneratorInstrumentationConfig, type TargetReport } from '../src';
import { ROOT, runNode } from './support/child';
import { collectUntil } from './support/gc';
import { setUpTracing, type TestTracing } from './support/tracing';
import { drain } from './trace/helpers';
import { makeFolder, writeFile } from './support/folder';

interface Feed {
  items: (count?: number) => AsyncGenerator<number>;
  others: (count?: number) => AsyncGenerator<number>;
}

const SOURCE = `
async function* count(to) { for (let i = 0; i < to; i++) yield i; }
exports.items = async function* items(to = 1) { yield* count(to); };
exports.others = async function* others(to = 1) { yield* count(to); };
`;

/** An exporter in memory, behind a provider that is not registered. */
function createProvider() {
  const exporter = new InMemorySpanExporter();
  const provider: ApiTracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  return { provider, names: () => exporter.getFinishedSpans().map(({ name }) => name) };
}

describe('AsyncGeneratorInstrumentation', () => {
  const folder = makeFolder();
  const file = writeFile(folder, 'feed.js', SOURCE);
  const requireFromHere = createRequire(__filename);
  const load = () => requireFromHere(file) as Feed;
  const created: AsyncGeneratorInstrumentation[] = [];
  let tracing: TestTracing | undefined;

  /** An instrumentation of the own module that is taken off again after the test. */
  function instrument(config: AsyncGeneratorInstrumentationConfig = { targets: ['./feed.js[items]'] }) {
    const instrumentation = new AsyncGeneratorInstrumentation({ baseDir: folder, ...config });
    created.push(instrumentation);
    return instrumentation;
  }

  const names = () => tracing?.spans().map(({ name }) => name);
  const statuses = (instrumentation: AsyncGeneratorInstrumentation) =>
    instrumentation.getPatchReport().map(({ status }) => status);

  before(() => {
    diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
  });
  beforeEach(() => {
    tracing = setUpTracing();
  });
  afterEach(() => {
    for (const instrumentation of created.splice(0)) instrumentation.disable();
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the next test loads the module again
    delete requireFromHere.cache[file];
    tracing?.shutdown();
  });
  after(() => {
    diag.disable();
  });

  it('is on from the start, and traces what its targets name', async () => {
    const instrumentation = instrument();
    expect(instrumentation.isEnabled()).to.equal(true);
    const feed = load();
    await drain(feed.items(2));
    await drain(feed.others(2));
    expect(names()).to.deep.equal(['items']);
    expect(statuses(instrumentation)).to.deep.equal(['patched']);
  });

  it('has the name and the version of its package', () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(__dirname, '../package.json'), 'utf8')) as Record<
      string,
      string
    >;
    const { instrumentationName, instrumentationVersion } = instrument();
    expect({ name: instrumentationName, version: instrumentationVersion }).to.deep.equal({
      name: manifest.name,
      version: manifest.version,
    });
  });

  it('traces nothing without a configuration', async () => {
    const instrumentation = new AsyncGeneratorInstrumentation();
    created.push(instrumentation);
    await drain(load().items());
    expect(names()).to.deep.equal([]);
    expect(instrumentation.getPatchReport()).to.deep.equal([]);
  });

  describe('with `enabled: false`', () => {
    it('touches nothing until it is enabled', async () => {
      const instrumentation = instrument({ enabled: false, targets: ['./feed.js[items]'] });
      expect(instrumentation.isEnabled()).to.equal(false);
      const feed = load();
      const original = feed.items;
      await drain(feed.items());
      expect(names()).to.deep.equal([]);
      expect(instrumentation.getPatchReport()).to.deep.equal([]);

      instrumentation.enable();
      expect(instrumentation.isEnabled()).to.equal(true);
      expect(feed.items).to.not.equal(original);
      await drain(feed.items());
      expect(names()).to.deep.equal(['items']);
      expect(statuses(instrumentation)).to.deep.equal(['loaded-before']);
    });

    it('stays off where a new configuration is set', async () => {
      const instrumentation = instrument({ enabled: false });
      instrumentation.setConfig({ enabled: false, baseDir: folder, targets: ['./feed.js'] });
      expect(instrumentation.isEnabled()).to.equal(false);
      const { items } = load();
      await drain(items());
      expect(names()).to.deep.equal([]);
      instrumentation.enable();
      expect(load().items).to.not.equal(items);
    });
  });

  describe('that is disabled', () => {
    it('puts the original functions back', () => {
      const instrumentation = instrument({ enabled: false, targets: ['./feed.js[items]'] });
      const feed = load();
      const original = feed.items;
      instrumentation.enable();
      instrumentation.disable();
      expect(instrumentation.isEnabled()).to.equal(false);
      expect(feed.items).to.equal(original);
    });

    it('lets calls through references taken earlier pass untraced, until it is enabled again', async () => {
      const instrumentation = instrument();
      const { items } = load();
      instrumentation.disable();
      await drain(items());
      expect(names()).to.deep.equal([]);
      instrumentation.enable();
      await drain(items());
      expect(names()).to.deep.equal(['items']);
    });

    it('ends open runs as interrupted; the generators go on', async () => {
      const instrumentation = instrument();
      const generator = load().items(3);
      await generator.next();
      instrumentation.disable();
      expect(tracing?.onlySpan().attributes).to.include({
        'async_generator.outcome': 'interrupted',
        'async_generator.item.count': 1,
      });
      expect(await generator.next()).to.deep.equal({ value: 1, done: false });
      await drain(generator);
      expect(names()).to.have.lengthOf(1);
    });

    it('does not see modules that are loaded while it is disabled until it is enabled again', async () => {
      const instrumentation = instrument();
      instrumentation.disable();
      await drain(load().items());
      expect(names()).to.deep.equal([]);
      instrumentation.enable();
      expect(statuses(instrumentation)).to.deep.equal(['loaded-before']);
    });
  });

  it('stays off where a new configuration is set after it was disabled', async () => {
    const instrumentation = instrument();
    const { items } = load();
    instrumentation.disable();
    instrumentation.setConfig({ baseDir: folder, targets: ['./feed.js'] });
    await drain(items());
    await drain(load().others());
    expect(instrumentation.isEnabled()).to.equal(false);
    expect(names()).to.deep.equal([]);
    instrumentation.enable();
    await drain(load().others());
    expect(names()).to.deep.equal(['others']);
  });

  it('wraps once, however often it is disabled and enabled', async () => {
    const instrumentation = instrument();
    const feed = load();
    const traced = feed.items;
    for (let round = 0; round < 3; round++) {
      instrumentation.disable();
      instrumentation.enable();
      instrumentation.enable();
    }
    expect(feed.items).to.equal(traced);
    await drain(feed.items());
    expect(names()).to.deep.equal(['items']);
    expect(statuses(instrumentation)).to.deep.equal(['patched']);
  });

  it('may be disabled twice', () => {
    const instrumentation = instrument();
    instrumentation.disable();
    expect(() => {
      instrumentation.disable();
    }).to.not.throw();
  });

  it('leaves to the first of two instrumentations what both name', async () => {
    const first = instrument({ targets: [{ module: './feed.js', exports: ['items'], spanName: 'first' }] });
    instrument({ targets: [{ module: './feed.js', exports: ['items', 'others'], spanName: 'second' }] });
    const { items, others } = load();
    await drain(items());
    await drain(others());
    expect(names()).to.deep.equal(['first', 'second']);
    expect(statuses(first)).to.deep.equal(['patched']);
  });

  describe('getConfig', () => {
    it('gives what was configured', () => {
      const onEnd = () => {};
      const config = { targets: ['./feed.js[items]'], timing: false, onEnd };
      expect(instrument(config).getConfig()).to.deep.include({ ...config, enabled: true, baseDir: folder });
    });
  });

  describe('setConfig', () => {
    it('puts new targets in the place of the old ones, in modules that are loaded already too', async () => {
      const instrumentation = instrument();
      const feed = load();
      instrumentation.setConfig({ baseDir: folder, targets: ['./feed.js[others]'] });
      await drain(feed.items());
      await drain(feed.others());
      expect(names()).to.deep.equal(['others']);
      expect(instrumentation.getPatchReport().map(({ target, status }) => [target, status])).to.deep.equal([
        ['./feed.js[others]', 'patched'],
      ]);
      expect(instrumentation.getConfig().targets).to.deep.equal(['./feed.js[others]']);
    });

    it('changes how a function is traced that is traced already', async () => {
      const instrumentation = instrument();
      const { items } = load();
      instrumentation.setConfig({
        baseDir: folder,
        targets: [{ module: './feed.js', exports: ['items'], spanName: 'renamed' }],
      });
      await drain(items());
      expect(names()).to.deep.equal(['renamed']);
    });

    it('keeps the old configuration if the new one is bad', async () => {
      const instrumentation = instrument();
      const { items } = load();
      const before = instrumentation.getConfig();
      expect(() => {
        instrumentation.setConfig({ targets: ['./feed.js[others]', 'pkg['] });
      }).to.throw(TypeError, /^targets\[1\]: 'pkg\[' is not allowed/);
      expect(instrumentation.getConfig()).to.equal(before);
      expect(instrumentation.isEnabled()).to.equal(true);
      await drain(items());
      await drain(load().others());
      expect(names()).to.deep.equal(['items']);
      expect(statuses(instrumentation)).to.deep.equal(['patched']);
    });

    describe('while generators are in use', () => {
      const outcomes = () =>
        tracing?.spans().map(({ name, attributes }) => `${name} ${String(attributes['async_generator.outcome'])}`);
      const rename = (instrumentation: AsyncGeneratorInstrumentation, spanName: string) => {
        instrumentation.setConfig({
          baseDir: folder,
          targets: [{ module: './feed.js', exports: ['items'], spanName }],
        });
      };

      it('lets open runs finish as they were started', async () => {
        const instrumentation = instrument();
        const generator = load().items(3);
        await generator.next();
        rename(instrumentation, 'renamed');
        expect(outcomes()).to.deep.equal([]);
        await drain(generator);
        expect(outcomes()).to.deep.equal(['items completed']);
        expect(tracing?.onlySpan().attributes['async_generator.item.count']).to.equal(3);
      });

      it('traces generators that were made before by the old configuration, calls made after by the new one', async () => {
        const instrumentation = instrument();
        const { items } = load();
        const [made, neverPulled] = [items(2), items(2)];
        rename(instrumentation, 'renamed');
        await drain(items(1));
        await drain(made);
        expect(outcomes()).to.deep.equal(['renamed completed', 'items completed']);
        instrumentation.disable();
        await drain(neverPulled);
        expect(outcomes()).to.have.lengthOf(2);
      });

      it('traces generators made before by their old target, which is none any more', async () => {
        const instrumentation = instrument();
        const { items } = load();
        const made = items(2);
        instrumentation.setConfig({});
        await drain(items(2));
        await drain(made);
        expect(outcomes()).to.deep.equal(['items completed']);
      });

      it('leaves the open runs of every earlier configuration to `disable`, which interrupts them', async () => {
        const instrumentation = instrument();
        const { items } = load();
        const pulled = items(2);
        await pulled.next();
        const madeFirst = items(2);
        rename(instrumentation, 'second');
        await items(2).next();
        rename(instrumentation, 'third');
        await items(2).next();
        await madeFirst.next();
        instrumentation.disable();
        expect(outcomes()).to.have.members([
          'items interrupted',
          'items interrupted',
          'second interrupted',
          'third interrupted',
        ]);
        await drain(pulled);
        expect(outcomes()).to.have.lengthOf(4);
      });

      it('does not bring generators of earlier configurations back after `disable`', async () => {
        const instrumentation = instrument();
        const made = load().items(2);
        rename(instrumentation, 'second');
        instrumentation.disable();
        rename(instrumentation, 'third');
        await drain(made);
        expect(outcomes()).to.deep.equal([]);
      });

      it('does not pile up earlier configurations whose runs are over', async () => {
        const instrumentation = instrument();
        const { items } = load();
        let collected = 0;
        const registry = new FinalizationRegistry(() => collected++);
        const setConfig = async () => {
          const onEnd = () => {};
          registry.register(onEnd, undefined);
          instrumentation.setConfig({ baseDir: folder, targets: ['./feed.js[items]'], onEnd });
          await drain(items(1));
        };
        for (let round = 0; round < 20; round++) await setConfig();
        rename(instrumentation, 'last');
        expect(await collectUntil(() => collected === 20)).to.equal(true);
      });
    });

    it('takes everything off with an empty configuration', async () => {
      const instrumentation = instrument();
      const feed = load();
      instrumentation.setConfig({});
      await drain(feed.items());
      expect(names()).to.deep.equal([]);
      expect(instrumentation.getPatchReport()).to.deep.equal([]);
    });
  });

  it('patches a module that sets it up in its first line, and reports that it came late', async () => {
    const shared = globalThis as { setUp?: () => void };
    let instrumentation: AsyncGeneratorInstrumentation | undefined;
    shared.setUp = () => {
      instrumentation = instrument({ targets: ['./self.js[items]'] });
    };
    const self = path.join(folder, 'self.js');
    fs.writeFileSync(self, `setUp(); ${SOURCE}`);
    try {
      const feed = requireFromHere(self) as Feed;
      await new Promise((resolve) => setImmediate(resolve));
      await drain(feed.items());
      expect(names()).to.deep.equal(['items']);
      expect(instrumentation?.getPatchReport().map(({ status }) => status)).to.deep.equal(['loaded-before']);
    } finally {
      delete shared.setUp;
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- no other test is to find it loaded
      delete requireFromHere.cache[self];
    }
  });

  it('says of the file that Node starts with what to do about it', async () => {
    const main = path.join(folder, 'main.cjs');
    fs.writeFileSync(
      main,
      `const { AsyncGeneratorInstrumentation } = require(${JSON.stringify(ROOT)});
      const instrumentation = new AsyncGeneratorInstrumentation({ targets: ['./main.cjs[items]'], baseDir: __dirname });
      ${SOURCE}
      setImmediate(() => console.log(JSON.stringify(instrumentation.getPatchReport())));`,
    );
    const { stdout } = await runNode([main]);
    const [report] = JSON.parse(stdout) as TargetReport[];
    expect(report?.status).to.equal('not-loaded');
    expect(report?.message).to.include('the file that Node starts with');
  });

  describe('in a program that goes on and on', () => {
    interface FakeTimer {
      callback: () => void;
      delay: number;
      unref: () => void;
      isUnref: boolean;
      isCleared: boolean;
    }
    const source = requireFromHere.resolve('../src/instrumentation.ts');
    const { setTimeout, clearTimeout } = timers;
    const started: FakeTimer[] = [];
    const warnings: string[] = [];
    let Fresh: typeof AsyncGeneratorInstrumentation;

    before(() => {
      // A copy of the class that has taken these timers for Node's when it was loaded.
      Object.assign(timers, {
        setTimeout(callback: () => void, delay: number) {
          const timer = { callback, delay, unref: () => (timer.isUnref = true), isUnref: false, isCleared: false };
          started.push(timer);
          return timer;
        },
        clearTimeout(timer: FakeTimer) {
          timer.isCleared = true;
        },
      });
      const files = [source, ...['../src/watch', '../src/base/clock'].map((file) => requireFromHere.resolve(file))];
      const originals = files.map((file) => requireFromHere.cache[file]);
      for (const file of files) Reflect.deleteProperty(requireFromHere.cache, file);
      ({ AsyncGeneratorInstrumentation: Fresh } = requireFromHere(source) as typeof import('../src'));
      files.forEach((file, index) => (requireFromHere.cache[file] = originals[index]));
      Object.assign(timers, { setTimeout, clearTimeout });
    });
    beforeEach(() => {
      started.length = warnings.length = 0;
      const ignore = () => {};
      diag.setLogger(
        {
          error: ignore,
          warn: (...parts) => void warnings.push(parts.join(' ')),
          info: ignore,
          debug: ignore,
          verbose: ignore,
        },
        { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
      );
    });
    const create = (targets: string[]) => {
      const instrumentation = new Fresh({ baseDir: folder, targets });
      created.push(instrumentation);
      return instrumentation;
    };
    const running = () => started.filter(({ isCleared }) => !isCleared);

    it('warns after half a minute of targets that have not been loaded, once, and does not keep the process waiting', () => {
      const instrumentation = create(['./feed.js[items]', './never.js']);
      load();
      expect(running()).to.have.lengthOf(1);
      expect(started[0]).to.include({ delay: 30_000, isUnref: true });
      expect(warnings).to.deep.equal([]);
      started[0]?.callback();
      expect(warnings).to.have.lengthOf(1);
      expect(warnings[0]).to.include('./never.js').and.include('there is no file');
      instrumentation.disable();
      expect(warnings).to.have.lengthOf(1);
    });

    it('does so no more when it has been disabled, but again when it is enabled', () => {
      const instrumentation = create(['./feed.js[items]']);
      instrumentation.disable();
      expect(running()).to.deep.equal([]);
      instrumentation.enable();
      expect(running()).to.have.lengthOf(1);
    });

    it('starts to count again with another configuration', () => {
      const instrumentation = create(['./never.js']);
      instrumentation.setConfig({ baseDir: folder, targets: ['./other.js'] });
      expect(running()).to.have.lengthOf(1);
      running()[0]?.callback();
      expect(warnings.filter((text) => text.includes('./never.js'))).to.deep.equal([]);
      expect(warnings.filter((text) => text.includes('./other.js'))).to.have.lengthOf(1);
    });
  });

  it('refuses a bad configuration in the constructor, and leaves nothing behind', async () => {
    expect(() => new AsyncGeneratorInstrumentation({ baseDir: folder, targets: ['./feed.js', 'pkg[]'] })).to.throw(
      TypeError,
      /^targets\[1\]: 'pkg\[\]' is not allowed/,
    );
    await drain(load().items());
    expect(names()).to.deep.equal([]);
  });

  describe('setTracerProvider', () => {
    beforeEach(() => {
      tracing?.shutdown();
    });

    it('takes a provider that is given later, and that is not registered', async () => {
      const { provider, names: namesOfProvider } = createProvider();
      const instrumentation = instrument();
      const { items } = load();
      await drain(items());
      instrumentation.setTracerProvider(provider);
      await drain(items());
      expect(namesOfProvider()).to.deep.equal(['items']);
    });

    it('keeps the provider over disable, enable and a new configuration', async () => {
      const { provider, names: namesOfProvider } = createProvider();
      const instrumentation = instrument({ enabled: false, targets: ['./feed.js[items]'] });
      instrumentation.setTracerProvider(provider);
      instrumentation.enable();
      const { items } = load();
      await drain(items());
      instrumentation.disable();
      instrumentation.enable();
      await drain(items());
      instrumentation.setConfig({ baseDir: folder, targets: ['./feed.js[items]'] });
      await drain(items());
      expect(namesOfProvider()).to.deep.equal(['items', 'items', 'items']);
    });

    it('uses the new provider from the next run on', async () => {
      const [first, second] = [createProvider(), createProvider()];
      const instrumentation = instrument();
      const { items } = load();
      instrumentation.setTracerProvider(first.provider);
      const open = items(2);
      await open.next();
      instrumentation.setTracerProvider(second.provider);
      await drain(items());
      await drain(open);
      expect(first.names()).to.deep.equal(['items']);
      expect(second.names()).to.deep.equal(['items']);
    });
  });

  describe('by registerInstrumentations', () => {
    it('traces with the global provider', async () => {
      registerInstrumentations({ instrumentations: [instrument()] });
      await drain(load().items());
      expect(names()).to.deep.equal(['items']);
    });

    it('traces with a global provider that is registered later', async () => {
      tracing?.shutdown();
      registerInstrumentations({ instrumentations: [instrument()] });
      const { items } = load();
      await drain(items());
      tracing = setUpTracing();
      await drain(items());
      expect(names()).to.deep.equal(['items']);
    });

    it('traces with the provider that it is given', async () => {
      const { provider, names: namesOfProvider } = createProvider();
      registerInstrumentations({ instrumentations: [instrument()], tracerProvider: provider });
      await drain(load().items());
      expect(namesOfProvider()).to.deep.equal(['items']);
      expect(names()).to.deep.equal([]);
    });

    it('is taken off by the function that it returns', async () => {
      const instrumentation = instrument();
      const unload = registerInstrumentations({ instrumentations: [instrumentation] });
      const feed = load();
      unload();
      expect(instrumentation.isEnabled()).to.equal(false);
      await drain(feed.items());
      expect(names()).to.deep.equal([]);
    });

    it('turns on what was made with `enabled: false`', async () => {
      registerInstrumentations({ instrumentations: [instrument({ enabled: false, targets: ['./feed.js[items]'] })] });
      await drain(load().items());
      expect(names()).to.deep.equal(['items']);
    });
  });

  it('traces by way of NodeSDK', async () => {
    tracing?.shutdown();
    const exporter = new InMemorySpanExporter();
    const sdk = new NodeSDK({
      autoDetectResources: false,
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
      metricReaders: [],
      logRecordProcessors: [],
      instrumentations: [instrument()],
    });
    sdk.start();
    try {
      const feed = load();
      await trace.getTracer('test').startActiveSpan('parent', async (parent) => {
        await drain(feed.items(2));
        parent.end();
      });
      const [span, parent] = exporter.getFinishedSpans();
      expect(span?.name).to.equal('items');
      expect(span?.parentSpanContext?.spanId).to.equal(parent?.spanContext().spanId);
      expect(span?.instrumentationScope.name).to.equal('opentelemetry-instrumentation-async-generator');
    } finally {
      await sdk.shutdown();
      // The SDK leaves its own behind, shut down, for every later test.
      logs.disable();
      metrics.disable();
    }
  });
});
