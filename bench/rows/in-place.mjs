import { SpanKind } from '@opentelemetry/api';
import { wrapGenerators } from '../lib/program-copy.mjs';
import { tracer } from '../lib/sdk.mjs';

/**
 * The generator itself with `next`, `return` and `throw` of its own, a reaction on each pull, and the members off at the end: what
 * patching in place takes at the least. What it costs more than the row by hand is the floor of a one-item run.
 */
export default {
  name: 'in-place',
  label: 'by hand: members and reactions on the generator',
  load: (copy) => wrapGenerators(copy.load(), (fn) => traced(fn, copy.file)),
};

function traced(fn, file) {
  const attributes = {
    'code.function.name': fn.name,
    'code.file.path': file,
    'async_generator.module.name': file,
  };
  return (...args) => tracedInPlace(fn(...args), fn.name, attributes);
}

function tracedInPlace(generator, name, attributes) {
  const { next, return: close, throw: fail } = generator;
  let span;
  let startedAt = 0;
  let pulledAt = 0;
  let producerTime = 0;
  let timeToFirstItem = 0;
  let count = 0;
  let outcome = 'completed';

  const pull = (method, value) => {
    pulledAt = performance.now();
    if (span === undefined) {
      span = tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes });
      startedAt = pulledAt;
    }
    const promise = method.call(generator, value);
    promise.then(onResult, onError);
    return promise;
  };
  const onResult = ({ done }) => {
    const now = performance.now();
    producerTime += now - pulledAt;
    if (done) end(now);
    else if (count++ === 0) timeToFirstItem = now - startedAt;
  };
  const onError = (error) => {
    span.recordException(error);
    end(performance.now());
  };
  const end = (now) => {
    span.setAttributes({
      'async_generator.outcome': outcome,
      'async_generator.item.count': count,
      'async_generator.time_to_first_item': timeToFirstItem / 1e3,
      'async_generator.producer.time': producerTime / 1e3,
      'async_generator.consumer.time': (now - startedAt - producerTime) / 1e3,
    });
    span.end();
    for (const key of ['next', 'return', 'throw']) Reflect.deleteProperty(generator, key);
  };

  define(generator, 'next', (value) => pull(next, value));
  define(generator, 'return', (value) => {
    outcome = 'returned';
    return pull(close, value);
  });
  define(generator, 'throw', (error) => pull(fail, error));
  return generator;
}

function define(generator, key, value) {
  Reflect.defineProperty(generator, key, { value, writable: true, configurable: true, enumerable: false });
}
