import type { FormatOptions, SpanLike } from '../../src/testing';
import type { OtlpSpan } from '../support/otlp';
import { describeExample } from './support';

/** How much of the endless stream the client that disconnects has missed is a matter of timing. */
function withoutCountsOfEndless(spans: readonly OtlpSpan[]): FormatOptions {
  const endless = spans.find(({ attributes }) => attributes['url.query'] === '');
  return {
    redact: {
      'async_generator.item.count': (count, span) =>
        span.spanContext().traceId === endless?.traceId ? '<some>' : count,
    },
  };
}

describeExample({ title: 'the Fastify example', app: 'fastify/app.mjs', format: withoutCountsOfEndless });

describeExample({ title: 'the Hono example', app: 'hono/app.mjs', format: withoutCountsOfEndless });

describeExample({ title: 'the OpenAI example', app: 'openai/app.mjs' });

/** How far the answer has come when the browser goes away is a matter of timing. */
function withoutCountsOfLeft(): FormatOptions {
  const some = (value: unknown, { attributes = {} }: SpanLike) =>
    (attributes as Record<string, unknown>)['async_generator.outcome'] === 'returned' ? '<some>' : value;
  return { redact: { 'async_generator.item.count': some, 'gen_ai.usage.output_tokens': some } };
}

describeExample({ title: 'the chat example', app: 'chat/app.mjs', format: withoutCountsOfLeft });
