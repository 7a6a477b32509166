/**
 * What a traced function returned decides what happens, never the function's shape.
 */
import type { Context } from '@opentelemetry/api';
import type { GeneratorCall, ThenableMember } from '../types';
import { carriedRunOf } from './pulls';
import { isAsyncGenerator, isNativePromise, isObjectLike, isPromise, isProxy } from '../base/intrinsics';
import { observe, type KnownMember } from './observe';
import type { Run } from './run';
import { closingMembers, traceIterable } from './iterable';
import { traceIterator } from './iterator';

/**
 * Methods, beside `then`, that give the value of the promises of generated clients: `APIPromise` of Stainless (OpenAI,
 * Anthropic, Groq, Together, Cerebras, Letta) and `HttpResponsePromise` of Fern (Cohere, ElevenLabs, Deepgram).
 */
const STAINLESS: readonly KnownMember[] = [
  { name: 'withResponse', property: 'data' },
  // The body is the caller's to read then: the run is over with the head of the response.
  { name: 'asResponse' },
  // Of the clients themselves, which make one result of another with it: in `parse()`, or to stream a message.
  { name: '_thenUnwrap' },
  // What its `then` calls, and a program may.
  { name: 'parse' },
  // Of Anthropic's threads, which make a stream of it in a promise of their own, or await this one.
  { name: '_responseProps', isUnparsed: true },
];
const FERN: readonly ThenableMember[] = [{ name: 'withRawResponse', property: 'data' }];

/** Those of a thenable: that the target names, else those that are known. */
export function thenableMembersOf(result: unknown, named: readonly ThenableMember[]): readonly KnownMember[] {
  if (named.length > 0 || !isPromise(result) || isNativePromise(result)) return named;
  const { withResponse, withRawResponse } = result as unknown as Record<string, unknown>;
  if (typeof withResponse === 'function') return STAINLESS;
  return typeof withRawResponse === 'function' ? FERN : named;
}

/** Ties a run that began with its call to what the call returned. Returns what to hand to the program: the same, unless that is frozen. */
export function traceResult(run: Run, call: GeneratorCall, creation: Context, result: unknown): unknown {
  const { preserveUnhandledRejections: preserve, thenableMembers } = run.tracing.plan;
  // Once a promise has been handed out, its value can be patched but not replaced.
  let replaceable = true;
  let handedOut = result;
  // A stream that is made elsewhere is not seen: unless the program asks for the value as well, there is no span.
  const onUnparsed = () => {
    if (run.isCallPending) run.park();
  };
  try {
    const isIterable = isThenableIterable(result);
    // The program may await it or iterate over it: what it does first is the run.
    if (isIterable) traceIterable(result, { run, call, creation, isPromised: true }, isIterator(result));
    handedOut = observe(
      result,
      (value) => {
        if (run.isCallPending) run.unpark();
        return run.callSettled() ? traceValue(run, call, creation, value, replaceable) : value;
      },
      (error) => {
        if (run.isCallPending) run.unpark();
        if (run.callSettled()) run.callFailed(error);
      },
      preserve,
      { further: thenableMembersOf(result, thenableMembers), isIterable, isOver: () => !run.isCallPending, onUnparsed },
    );
  } catch (error) {
    run.unobservable(error);
  }
  replaceable = preserve && handedOut !== result;
  // Still waiting for the value: if the promise is collected before it comes, there will be none.
  if (run.hasPendingPull && isObjectLike(handedOut)) run.watch(handedOut);
  return handedOut;
}

function isThenableIterable(result: unknown): result is AsyncIterable<unknown> {
  // A Proxy may answer to any name. `then` last: few are iterable, and it is read again to observe it.
  return (
    isObjectLike(result) &&
    !isProxy(result) &&
    isAsyncIterable(result) &&
    typeof (result as { then?: unknown }).then === 'function'
  );
}

/** @returns what to hand to the program in place of what the call, or its promise, gave */
function traceValue(run: Run, call: GeneratorCall, creation: Context, value: unknown, replaceable: boolean): unknown {
  if (isObjectLike(value)) {
    const traced = traceStream(run, call, creation, value);
    if (traced === value || (traced !== undefined && replaceable)) return traced;
  }
  run.completeCall(value);
  return value;
}

/** Ties a run to a stream, unless another run of the target has it. Returns what to hand to the program; undefined if it cannot be traced. */
export function traceStream(run: Run, call: GeneratorCall, creation: Context, stream: object): object | undefined {
  const carried = carriedRunOf(stream, run.tracing.plan.target);
  if (carried?.isStarted === true) {
    run.giveWayTo(carried);
    return stream;
  }
  // One call made the generator for another: this run is under way, the other would begin with the first pull.
  carried?.close();
  return traceObject(run, call, creation, stream);
}

/** @returns `value`, or what delegates to it, or undefined if there is nothing to trace */
function traceObject(run: Run, call: GeneratorCall, creation: Context, value: object): object | undefined {
  const { exportPath, closeMembers, isLazy } = run.tracing.plan;
  try {
    // What `[Symbol.asyncIterator]()` gives is an iterator, even if it is not iterable itself.
    if ((isAsyncGenerator(value) && !isLazy) || (exportPath.endsWith('[Symbol.asyncIterator]') && isIterator(value))) {
      const others = closingMembers(value, closeMembers, () => (run.isOver ? [] : [run]));
      return traceIterator(value, run, others);
    }
    if (!isAsyncIterable(value)) return undefined;
    const isParked = isLazy || isStream(value);
    if (isParked) run.park();
    if (!traceIterable(value, { run, call, creation, isPromised: false }, isIterator(value))) return undefined;
    if (!isParked) run.watch(value);
    return value;
  } catch {
    // A getter or a Proxy of the program's threw: the object is left alone.
    return undefined;
  }
}

export function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  try {
    return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
  } catch {
    return false;
  }
}

/** Node's or WHATWG's readable streams, which are read in more ways than by iteration. */
function isStream(value: object): boolean {
  if (typeof ReadableStream === 'function' && value instanceof ReadableStream) return true;
  const { pipe, on, read } = value as Record<string, unknown>;
  return typeof pipe === 'function' && typeof on === 'function' && typeof read === 'function';
}

function isIterator(value: object): boolean {
  return typeof (value as { next?: unknown }).next === 'function';
}
