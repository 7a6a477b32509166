// Makes a bit of everything that a span may say, by several generators at the same time, on timers that are never the same.
const { setTimeout: sleep } = require('node:timers/promises');

const someTime = () => sleep(Math.random() * 5);

/**
 * @param api `@opentelemetry/api`
 * @param traceAsyncGenerator of the package
 */
exports.makeSpans = async function makeSpans({ context, SpanKind, SpanStatusCode, trace }, traceAsyncGenerator) {
  const tracer = trace.getTracer('program');

  async function request(path, links = []) {
    await someTime();
    const attributes = { 'url.path': path, 'server.port': Math.floor(Math.random() * 60_000), 'app.retries': [1, 2] };
    const span = tracer.startSpan('GET', { kind: SpanKind.CLIENT, attributes, links });
    await context.with(trace.setSpan(context.active(), span), someTime);
    span.addEvent('answer', { 'app.bytes': 1.5, 'app.cached': false, 'app.text': 'a "quoted"\nline' });
    span.end();
    return span.spanContext();
  }

  const pages = traceAsyncGenerator(
    async function* pages(name) {
      const first = await request(`/${name}/1`);
      yield 1;
      yield* lines(name);
      const all = [4, 3, 2].map((page) => request(`/${name}/${page}`, [{ context: first, attributes: { page } }]));
      yield (await Promise.all(all)).length;
    },
    { attributes: { 'app.feed': 'pages' } },
  );

  const lines = traceAsyncGenerator(async function* lines(name) {
    for (let line = 0; line < 3; line++) {
      await someTime();
      yield `${name} ${line}`;
    }
    return 'end';
  });

  const failing = traceAsyncGenerator(async function* failing() {
    yield* lines('before');
    await someTime();
    throw new RangeError(`out of range in ${__filename}`);
  });

  const drain = async (items) => {
    for await (const _ of items) await someTime();
  };
  const takeOne = async (items) => {
    for await (const _ of items) break;
  };

  await tracer.startActiveSpan('job', { kind: SpanKind.CONSUMER }, async (job) => {
    await Promise.all([
      ...['d', 'c', 'b', 'a'].map((name) => drain(pages(name))),
      drain(failing()).catch(() => {}),
      takeOne(pages('first only')),
    ]);
    job.setStatus({ code: SpanStatusCode.ERROR, message: 'one of them failed' });
    job.end();
  });
  await drain(lines('alone'));
};
