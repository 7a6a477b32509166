/**
 * Where the exceptions go that runs fail with: to the span, to the logs, or to both.
 */
import { SeverityNumber, logs } from '@opentelemetry/api-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { expect } from 'chai';
import * as path from 'node:path';
import { AsyncGeneratorInstrumentation, traceAsyncGenerator } from '../../src';
import { apiRegistry } from '../../src/base/registry';
import { ROOT } from '../support/child';
import { useTracing } from '../support/tracing';
import { drain, rejectionOf } from '../trace/helpers';

const FIXTURE = path.join(ROOT, 'test/fixtures/zero-code/otlp/streams.cjs');
const OPT_IN = 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN';

describe('the exception of a failed run', () => {
  const tracing = useTracing();
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  before(() => {
    logs.setGlobalLoggerProvider(provider);
  });
  afterEach(() => {
    delete process.env[OPT_IN];
    exporter.reset();
  });
  after(async () => {
    logs.disable();
    await provider.shutdown();
  });

  const failWith = async (error: unknown) => {
    const failing = traceAsyncGenerator(async function* failing() {
      throw error;
    });
    await rejectionOf(drain(failing()));
    return { span: tracing.onlySpan(), records: exporter.getFinishedLogRecords() };
  };
  const ERROR = new RangeError('no more');

  it('is an event of the span by default, and no log record', async () => {
    const { span, records } = await failWith(ERROR);
    expect(span.events.map(({ name }) => name)).to.deep.equal(['exception']);
    expect(records).to.deep.equal([]);
  });

  it('is a log record in the context of the run with "logs", and no event', async () => {
    process.env[OPT_IN] = 'logs';
    const { span, records } = await failWith(ERROR);
    expect(span.events).to.deep.equal([]);
    expect(records).to.have.lengthOf(1);
    const [record] = records;
    expect(record?.eventName).to.equal('async_generator.run.exception');
    expect(record?.severityNumber).to.equal(SeverityNumber.WARN);
    expect(record?.attributes).to.deep.equal({
      'exception.type': 'RangeError',
      'exception.message': 'no more',
      'exception.stacktrace': ERROR.stack,
    });
    expect(record?.spanContext?.spanId).to.equal(span.spanContext().spanId);
    expect(record?.hrTime).to.deep.equal(span.endTime);
  });

  it('is both with "logs/dup"', async () => {
    process.env[OPT_IN] = 'logs/dup';
    const { span, records } = await failWith(ERROR);
    expect([span.events.length, records.length]).to.deep.equal([1, 1]);
  });

  it('is an event of the span with a value that the conventions do not know', async () => {
    process.env[OPT_IN] = 'nowhere';
    const { span, records } = await failWith(ERROR);
    expect([span.events.length, records.length]).to.deep.equal([1, 0]);
  });

  it('is recorded once where it passes through several runs', async () => {
    process.env[OPT_IN] = 'logs';
    const inner = traceAsyncGenerator(async function* inner() {
      throw ERROR;
    });
    const outer = traceAsyncGenerator(async function* outer() {
      yield* inner();
    });
    await rejectionOf(drain(outer()));
    expect(exporter.getFinishedLogRecords()).to.have.lengthOf(1);
  });

  it('goes to the LoggerProvider that the instrumentation was registered with', async () => {
    process.env[OPT_IN] = 'logs';
    const own = new InMemoryLogRecordExporter();
    const loggerProvider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: own })] });
    const instrumentations = [new AsyncGeneratorInstrumentation({ targets: [`${FIXTURE}[*]`] })];
    const unregister = registerInstrumentations({ instrumentations, loggerProvider });
    const { readItems } = require(FIXTURE) as { readItems(count: number, damaged: number): AsyncIterable<unknown> };
    await rejectionOf(drain(readItems(3, 2)));
    unregister();
    Reflect.deleteProperty(require.cache, FIXTURE);
    expect(own.getFinishedLogRecords().map(({ attributes }) => attributes['exception.message'])).to.deep.equal([
      'item 2 is damaged',
    ]);
    expect(exporter.getFinishedLogRecords()).to.deep.equal([]);
  });

  it('goes to the LoggerProvider that an SDK registers after the instrumentation, whichever copies of the logs API there are', async () => {
    process.env[OPT_IN] = 'logs';
    logs.disable();
    const unregister = registerInstrumentations({
      instrumentations: [new AsyncGeneratorInstrumentation({ targets: [`${FIXTURE}[*]`] })],
    });
    logs.setGlobalLoggerProvider(provider);
    const { readItems } = require(FIXTURE) as { readItems(count: number, damaged: number): AsyncIterable<unknown> };
    await rejectionOf(drain(readItems(3, 2)));
    unregister();
    Reflect.deleteProperty(require.cache, FIXTURE);
    expect(exporter.getFinishedLogRecords()).to.have.lengthOf(1);
  });

  it('goes to the LoggerProvider that is registered with API 1.10', async () => {
    process.env[OPT_IN] = 'logs';
    const registry = apiRegistry() as { logs?: LoggerProvider };
    logs.disable();
    registry.logs = provider;
    const { records } = await failWith(ERROR);
    delete registry.logs;
    logs.setGlobalLoggerProvider(provider);
    expect(records).to.have.lengthOf(1);
  });

  describe('that has causes', () => {
    const stackOf = async (error: Error) =>
      (await failWith(error)).span.events[0]?.attributes?.['exception.stacktrace'] as string;

    it('has their stacks below its own', async () => {
      const cause = new Error('inner', { cause: new TypeError('innermost') });
      const stack = await stackOf(new Error('outer', { cause }));
      expect(stack).to.match(/^Error: outer\n[^]*\n\[cause\]: Error: inner\n[^]*\n\[cause\]: TypeError: innermost\n/);
    });

    it('has each once where they are a circle', async () => {
      const error = new Error('outer');
      error.cause = new Error('inner', { cause: error });
      expect((await stackOf(error)).match(/\[cause\]/g)).to.have.lengthOf(1);
    });

    it('has no more of them than eight', async () => {
      let error = new Error('innermost');
      for (let depth = 0; depth < 100; depth++) error = new Error('outer', { cause: error });
      expect((await stackOf(error)).match(/\[cause\]/g)).to.have.lengthOf(8);
    });
  });
});
