import { invalid } from '../base/invalid';
import type { AnyFunction } from '../base/intrinsics';
import { traceFunctionAlone } from '../trace/traced-function';
import type { TraceOptions } from '../types';
import { createManualPlan, manualScope } from './options';

/**
 * Traces a function by hand: for code that no patch can reach (bundled, not exported, the entry module).
 *
 * The function that comes back behaves as `fn` in every respect, and every generator it makes is one span.
 *
 * @param fn an async-generator function, or any function that returns an async iterable or a promise of one
 * @param options see `TraceOptions`; the span is called after the function unless `spanName` says otherwise
 * @returns a function of the same type
 * @throws TypeError if `fn` is not a function or the options are malformed
 * @example
 * const readLines = traceAsyncGenerator(async function* readLines(file) { ... }, { spanName: 'read lines' });
 */
export function traceAsyncGenerator<Fn extends (...args: never[]) => unknown>(fn: Fn, options: TraceOptions = {}): Fn {
  if (typeof fn !== 'function') throw invalid('fn', fn, 'a function');
  const tracing = { plan: createManualPlan(options, fn.name || 'anonymous'), scope: manualScope };
  return traceFunctionAlone(fn as unknown as AnyFunction, { tracing }) as unknown as Fn;
}
