import { SpanKind } from '@opentelemetry/api';
import { tracer } from '../lib/sdk.mjs';

/**
 * The consumer makes the span itself, around its loop, and the attributes that this package would give it. The floor of a
 * one-item run: a span costs what it costs. The body is not in its context.
 */
export default {
  name: 'by-hand',
  label: 'by hand: a span around the consumer’s loop',
  isProbed: false,
  load(copy) {
    const program = copy.load();
    const attributes = {
      'code.function.name': 'items',
      'code.file.path': copy.file,
      'async_generator.module.name': copy.file,
    };
    return { ...program, consume: (iterable) => consume(iterable, attributes) };
  },
};

async function consume(iterable, attributes) {
  const span = tracer.startSpan('items', { kind: SpanKind.INTERNAL, attributes });
  const startedAt = performance.now();
  let pulledAt = startedAt;
  let producerTime = 0;
  let timeToFirstItem;
  let count = 0;
  let sum = 0;
  try {
    for await (const item of iterable) {
      const now = performance.now();
      producerTime += now - pulledAt;
      timeToFirstItem ??= now - startedAt;
      count++;
      sum += item;
      pulledAt = performance.now();
    }
    return sum;
  } finally {
    const endedAt = performance.now();
    producerTime += endedAt - pulledAt;
    span.setAttributes({
      'async_generator.outcome': 'completed',
      'async_generator.item.count': count,
      'async_generator.time_to_first_item': timeToFirstItem / 1e3,
      'async_generator.producer.time': producerTime / 1e3,
      'async_generator.consumer.time': (endedAt - startedAt - producerTime) / 1e3,
    });
    span.end();
  }
}
