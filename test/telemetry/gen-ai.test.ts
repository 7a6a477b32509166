import { SpanKind, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import type { GenAiReader } from '../../src/telemetry/gen-ai/reader';
import { useTracing } from '../support/tracing';
import { drain, rejectionOf, traceWithPlan } from '../trace/helpers';

interface Chunk {
  readonly text?: string;
  readonly choice?: number;
  readonly reason?: string;
  readonly usage?: { readonly input: number; readonly output: number };
}

const reader: GenAiReader<Chunk> = {
  request({ args: [body] }) {
    const { model, baseUrl } = body as { model?: string; baseUrl?: string };
    return model === 'none' ? undefined : { operation: 'chat', provider: 'acme', model, baseUrl, stream: true };
  },
  chunk({ text, choice, reason, usage }, response) {
    response.id = 'response-1';
    response.model = 'm-1-2026';
    if (text !== undefined) response.text(text, choice);
    if (reason !== undefined) response.finished(reason, choice);
    if (usage !== undefined) Object.assign(response, { inputTokens: usage.input, outputTokens: usage.output });
  },
  result(value, response) {
    response.outputTokens = (value as { tokens: number }).tokens;
  },
};

const CHUNKS: readonly Chunk[] = [
  {},
  { text: 'good ', usage: { input: 3, output: 1 } },
  { text: 'morning', usage: { input: 3, output: 2 } },
  { reason: 'stop' },
];

describe('what a run says of a model', () => {
  const tracing = useTracing();

  const ask = traceWithPlan(
    async function* (_request: { model?: string; baseUrl?: string }, chunks: readonly Chunk[] = CHUNKS) {
      yield* chunks;
    },
    { genAi: reader, spanName: 'acme.ask' },
  );
  const only = () => {
    const [span, ...others] = tracing.spans();
    expect(others).to.deep.equal([]);
    return span as NonNullable<typeof span>;
  };

  it('is its name, its kind and what was asked for, at the start', async () => {
    await drain(ask({ model: 'm-1', baseUrl: 'https://acme.test/v1' }));
    const span = only();
    expect([span.name, span.kind]).to.deep.equal(['chat m-1', SpanKind.CLIENT]);
    expect(span.attributes).to.include({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'm-1',
      'gen_ai.request.stream': true,
      'server.address': 'acme.test',
      'server.port': 443,
    });
  });

  it('is the whole response at its end', async () => {
    await drain(ask({ model: 'm-1' }));
    const { attributes } = only();
    expect(attributes).to.deep.include({
      'gen_ai.response.id': 'response-1',
      'gen_ai.response.model': 'm-1-2026',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
      'async_generator.outcome': 'completed',
    });
    const first = attributes['gen_ai.response.time_to_first_chunk'];
    expect(first)
      .to.be.a('number')
      .above(attributes['async_generator.time_to_first_item'] as number);
  });

  it('is the usage so far where the consumer leaves, and an error in the place of the reason', async () => {
    for await (const { text } of ask({ model: 'm-1' })) if (text !== undefined) break;
    expect(only().attributes).to.deep.include({
      'gen_ai.usage.output_tokens': 1,
      'gen_ai.response.finish_reasons': ['error'],
      'async_generator.outcome': 'returned',
    });
  });

  it('is told for each choice', async () => {
    const chunks = [{ text: 'a' }, { text: 'b', choice: 2 }, { reason: 'length', choice: 2 }];
    await drain(ask({ model: 'm-1' }, chunks));
    expect(only().attributes['gen_ai.response.finish_reasons']).to.deep.equal(['error', 'error', 'length']);
  });

  it('is nothing where the call asks no model', async () => {
    await drain(ask({ model: 'none' }));
    const { name, kind, attributes } = only();
    expect([name, kind]).to.deep.equal(['acme.ask', SpanKind.INTERNAL]);
    expect(Object.keys(attributes).filter((key) => key.startsWith('gen_ai'))).to.deep.equal([]);
  });

  it('is read from a whole answer, too', async () => {
    const whole = traceWithPlan(async (_request: object) => ({ tokens: 7 }), { genAi: reader });
    await whole({ model: 'm-1' });
    expect(only().attributes['gen_ai.usage.output_tokens']).to.equal(7);
  });

  it('is left to a span around the call that says the same', async () => {
    const attributes = { 'gen_ai.operation.name': 'chat' };
    await trace.getTracer('client').startActiveSpan('chat m-1', { attributes }, async (span) => {
      await drain(ask({ model: 'm-1' }));
      span.end();
    });
    const [run] = tracing.spans();
    expect([run?.name, run?.attributes['gen_ai.operation.name']]).to.deep.equal(['acme.ask', undefined]);
  });

  it('is said of an agent that another agent asks, and left to a span around the call that says the same agent', async () => {
    const genAi: GenAiReader = {
      request: ({ args: [name] }) => ({
        operation: 'invoke_agent',
        provider: 'acme',
        subject: name as string,
        attributes: { 'gen_ai.agent.name': name as string },
      }),
      chunk() {},
    };
    const invoke = traceWithPlan(
      async (_name: string, next?: () => Promise<unknown>) => {
        await next?.();
      },
      { genAi, spanName: 'acme.invoke' },
    );
    const names = () => tracing.spans().map(({ name }) => name);
    await invoke('outer', () => invoke('inner'));
    expect(names()).to.deep.equal(['invoke_agent inner', 'invoke_agent outer']);
    tracing.reset();
    await invoke('outer', () => invoke('outer'));
    expect(names()).to.deep.equal(['acme.invoke', 'invoke_agent outer']);
  });

  it('is no matter to the stream where the preset cannot read it', async () => {
    const broken = traceWithPlan(
      async function* (_request: object) {
        yield 1;
        yield 2;
      },
      {
        genAi: {
          request: () => ({ operation: 'chat', provider: 'acme' }),
          chunk() {
            throw new TypeError('not a chunk');
          },
        },
      },
    );
    expect(await drain(broken({}))).to.deep.equal([1, 2]);
    expect([only().name, only().attributes['async_generator.item.count']]).to.deep.equal(['chat', 2]);
  });

  it('is the error of the client where the stream fails', async () => {
    const failing = traceWithPlan(
      async function* (_request: object) {
        yield { text: 'a', usage: { input: 1, output: 1 } };
        throw Object.assign(new Error('overloaded'), { name: 'OverloadedError' });
      },
      { genAi: reader },
    );
    await rejectionOf(drain(failing({ model: 'm-1' })));
    expect(only().attributes).to.include({ 'error.type': 'OverloadedError', 'gen_ai.usage.output_tokens': 1 });
  });
});

describe('the usage that a provider reports', () => {
  const tracing = useTracing();

  it('is left out where it is not a number', async () => {
    const odd = traceWithPlan(
      async function* (_request: object) {
        yield { text: 'a', usage: { input: null, output: '2' } };
      },
      { genAi: reader as GenAiReader },
    );
    await drain(odd({ model: 'm-1' }));
    const keys = Object.keys(tracing.spans()[0]?.attributes ?? {});
    expect(keys.filter((key) => key.startsWith('gen_ai.usage'))).to.deep.equal([]);
  });
});
