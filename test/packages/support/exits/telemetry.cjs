/** What the child process records, in memory: spans, log records and metrics, in a form that JSON can hold. */
const { createRequire } = require('node:module');
const path = require('node:path');

// From the root: the packages' own folders have no SDK, and may have another copy of the API.
const requireFromRoot = createRequire(path.resolve(__dirname, '../../../../package.json'));
const { context, diag, DiagLogLevel, metrics, SpanStatusCode, trace } = requireFromRoot('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = requireFromRoot('@opentelemetry/context-async-hooks');
const { MeterProvider, MetricReader, AggregationTemporality } = requireFromRoot('@opentelemetry/sdk-metrics');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = requireFromRoot('@opentelemetry/sdk-trace');
const requireFromInstrumentation = createRequire(requireFromRoot.resolve('@opentelemetry/instrumentation'));
const { logs } = requireFromInstrumentation('@opentelemetry/api-logs');
const { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } =
  requireFromRoot('@opentelemetry/sdk-logs');

const NAME = 'opentelemetry-instrumentation-async-generator';
const { AsyncGeneratorInstrumentation, registerImportHooks } = requireFromRoot(NAME);

class Reader extends MetricReader {
  constructor() {
    // Of each exit only what it has added.
    super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  }
  async onForceFlush() {}
  async onShutdown() {}
}

/**
 * Registers everything, and the instrumentation with the preset unless the process is to run untraced.
 *
 * @param beside `{ name, isFirst }`: the package of another instrumentation, and whether it is set up before ours
 */
function startTelemetry(preset, isTraced, beside) {
  // Warnings of the product are for the test to see.
  const write = (...message) => process.stderr.write(`${message.join(' ')}\n`);
  diag.setLogger({ error: write, warn: write, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
  const spans = new InMemorySpanExporter();
  const records = new InMemoryLogRecordExporter();
  const reader = new Reader();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  logs.setGlobalLoggerProvider(
    new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: records })] }),
  );
  if (beside?.isFirst === true) startOther(beside.name);
  if (isTraced) registerImportHooks({ presets: preset });
  const instrumentation = isTraced ? new AsyncGeneratorInstrumentation({ presets: preset }) : undefined;
  if (beside?.isFirst === false) startOther(beside.name);
  return {
    report: () => instrumentation?.getPatchReport() ?? [],
    hasRun: () => spans.getFinishedSpans().some(({ instrumentationScope }) => instrumentationScope.name === NAME),
    /** What has been recorded since the last time. */
    async take() {
      const taken = {
        spans: spans.getFinishedSpans().map((span, _index, all) => toSpan(span, all)),
        logs: records
          .getFinishedLogRecords()
          .map(({ eventName, body, attributes }) => ({ eventName, body, attributes })),
        metrics: (await reader.collect()).resourceMetrics.scopeMetrics.flatMap((each) => each.metrics.map(toMetric)),
      };
      spans.reset();
      records.reset();
      return taken;
    },
  };
}

/** From where the program has its packages. It makes spans whether there is a parent or not, so that it does so alone, too. */
function startOther(name) {
  const requireFromProgram = createRequire(path.join(process.cwd(), 'x.js'));
  const Instrumentation = Object.values(requireFromProgram(name)).find((each) => /.Instrumentation$/.test(each.name));
  new Instrumentation({ requireParentSpan: false });
}

const toSpan = (span, all) => ({
  name: span.name,
  parent: all.find((each) => each.spanContext().spanId === span.parentSpanContext?.spanId)?.name,
  kind: span.kind,
  isOurs: span.instrumentationScope.name === NAME,
  attributes: span.attributes,
  isFailed: span.status.code === SpanStatusCode.ERROR,
  message: span.status.message,
  events: span.events.map(({ name, attributes }) => ({ name, attributes })),
});

/** Its sum, or how often a histogram has been recorded. */
const toMetric = ({ descriptor, dataPoints }) => ({
  name: descriptor.name,
  value: dataPoints.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0),
  attributes: dataPoints.map(({ attributes }) => attributes),
});

module.exports = { startTelemetry };
