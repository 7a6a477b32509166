/**
 * Whether a context manager only keeps contexts in an AsyncLocalStorage, as OpenTelemetry's own does, so that nobody misses it
 * where that storage is set without it.
 *
 * That cannot be found out by trying: a manager may tell a profiler what is active, or do more for some contexts only; it may
 * have a default for where none is active. So the source text of its methods is read. Another spelling of the
 * same is not recognised, which costs time and is otherwise of no consequence.
 */
import type { ContextManager } from '@opentelemetry/api';
import { functionToString, type AnyFunction } from '../intrinsics';

const NAME = String.raw`[\w$]+`;
const WHERE_NONE = String.raw`(?!this\b)[\w$.]+`;
const BOUND = String.raw`(?:\k<self>==null|null==\k<self>)\?\k<fn>:\k<fn>\.bind\(\k<self>\)`;

/** `with(context, fn, thisArg, ...args)`, minified or not, all spaces left out. */
const PLAIN_WITH = new RegExp(
  String.raw`^with\((?<context>${NAME}),(?<fn>${NAME}),(?<self>${NAME}),\.\.\.(?<args>${NAME})\)\{` +
    String.raw`(?:(?:const|let|var)(?<bound>${NAME})=${BOUND};return|return)` +
    String.raw`this\.${NAME}\.run\(\k<context>,(?:\k<bound>|${BOUND}),\.\.\.\k<args>\);?\}$`,
);

/** `active()`, as it is and as it was compiled for engines without `??`. */
const PLAIN_ACTIVE = new RegExp(
  String.raw`^active\(\)\{(?:returnthis\.${NAME}\.getStore\(\)\?\?${WHERE_NONE}|` +
    String.raw`(?:var|let)(?<it>${NAME});return\(?\(\k<it>=this\.${NAME}\.getStore\(\)\)!==null&&\k<it>!==void0\?\k<it>:${WHERE_NONE}\)?);?\}$`,
);

export function isPlain(manager: ContextManager): boolean {
  return PLAIN_WITH.test(textOf(manager.with)) && PLAIN_ACTIVE.test(textOf(manager.active));
}

function textOf(method: unknown): string {
  return typeof method === 'function' ? (functionToString(method as AnyFunction) as string).replace(/\s+/g, '') : '';
}
