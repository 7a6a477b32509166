// Wrappers of an async-generator function that trace it rightly, but for one fault each.
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { wrapGenerators } from '../../bench/lib/program-copy.mjs';

const tracer = trace.getTracer('wrong wrappers');
const kept = [];
/** Ends the spans of generators that are collected. */
const registry = new FinalizationRegistry((span) => span.end());

/** @param fault the name of one of those that the code below asks for, or none */
function wrap(fn, fault) {
  return (...args) => {
    const generator = fn(...args);
    const { next, return: close, throw: fail } = generator;
    let span;
    let secondSpan;
    let inSpan;
    const start = () => {
      if (span !== undefined) return;
      span = tracer.startSpan(fn.name);
      if (fault === 'two spans') secondSpan = tracer.startSpan(fn.name);
      inSpan = trace.setSpan(context.active(), span);
      if (fault === 'ends at once') span.end();
      if (fault !== 'forgets abandoned runs' && fault !== 'never ends') registry.register(generator, span, generator);
    };
    const end = (error) => {
      registry.unregister(generator);
      if (error !== undefined && fault !== 'loses the error') {
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      }
      if (fault !== 'never ends') span.end();
      secondSpan?.end();
    };
    const pull = (method, value) => {
      start();
      if (fault === 'changes the consumer’s context') enter(inSpan);
      const active = fault === 'no context' ? context.active() : inSpan;
      const promise = context.with(active, () => method.call(generator, value));
      promise.then(({ done }) => done && end(), end);
      if (fault === 'leaks') kept.push(new Array(500).fill(0));
      return fault === 'one tick more' ? promise.then((result) => result) : promise;
    };
    const define = (name, value) => Object.defineProperty(generator, name, { value, configurable: true });
    define('next', (value) => pull(next, value));
    define('throw', (error) => pull(fault === 'drops throw()' ? close : fail, error));
    // Returns as fast as the program's own generator does.
    const idle = fn('nothing');
    define('return', (value) => {
      if (fault === 'break is an error') span.setStatus({ code: SpanStatusCode.ERROR, message: 'cancelled' });
      if (fault === 'ends before the finally') span.end();
      if (fault !== 'drops return()') return pull(close, value);
      end();
      return idle.return(value);
    });
    return generator;
  };
}

/** For the rest of the consumer's own work, too: what `enterWith` does. */
function enter(newContext) {
  context._getContextManager()._asyncLocalStorage.enterWith(newContext);
}

export const wrongWrappers = [
  'none',
  'ends at once',
  'ends before the finally',
  'never ends',
  'two spans',
  'loses the error',
  'break is an error',
  'forgets abandoned runs',
  'drops return()',
  'drops throw()',
  'one tick more',
  'no context',
  'changes the consumer’s context',
  'leaks',
].map((fault) => ({
  name: fault,
  /** Memory takes the most time. */
  scale: fault === 'none' || fault === 'leaks' ? 0.1 : 0,
  trace: (copy) => wrapGenerators(copy.load(), (fn) => wrap(fn, fault)),
}));
