/**
 * What a traced function returned decides what happens: always look at what came back, never trust the function's shape.
 */
import type { Context } from '@opentelemetry/api';
import type { GeneratorCall, ThenableMember } from '../types';
import { carriedRunOf } from './carrier';
import { closingMembers } from './closing';
import { isAsyncGenerator, isNativePromise, isObjectLike, isPromise, isProxy } from '../base/intrinsics';
import { observe } from './observe';
import type { Run } from './run';
import { handOut, type Handout } from './traced-iterable';
import { traceIterator } from './traced-iterator';

/**
 * Methods by which a program gets at what a promise comes to, beside `then`, of the promises of generated clients: `APIPromise` of Stainless (OpenAI,
 * Anthropic, Groq, Together, Cerebras, Letta) and `HttpResponsePromise` of Fern (Cohere, ElevenLabs, Deepgram).
 */
const STAINLESS: readonly ThenableMember[] = [
  { name: 'withResponse', property: 'data' },
  // The body is the caller's to read then: the run is over with the head of the response.
  { name: 'asResponse' },
  // Of the clients themselves, which make one result of another with it: in `parse()`, or to stream a message.
  { name: '_thenUnwrap' },
  // What its `then` calls, and a program may.
  { name: 'parse' },
];
const FERN: readonly ThenableMember[] = [{ name: 'withRawResponse', property: 'data' }];

function thenableMembersOf(result: unknown, named: readonly ThenableMember[]): readonly ThenableMember[] {
  if (named.length > 0 || !isPromise(result) || isNativePromise(result)) return named;
  const { withResponse, withRawResponse } = result as unknown as Record<string, unknown>;
  if (typeof withResponse === 'function') return STAINLESS;
  return typeof withRawResponse === 'function' ? FERN : named;
}

/**
 * Ties a run that began with its call to what the call returned.
 *
 * @returns what to hand to the program: the same value, unless that is frozen
 */
export function adoptResult(run: Run, call: GeneratorCall, creation: Context, result: unknown): unknown {
  const { preserveUnhandledRejections: preserve, thenableMembers } = run.lifecycle.plan;
  // Once a promise has been handed out, what it comes to can be patched but not replaced.
  let replaceable = true;
  let handedOut = result;
  let isPending = true;
  /** The wait that began with the call is over. False if it has been before. */
  const endWait = (): boolean => {
    if (!isPending) return false;
    isPending = false;
    run.callSettled();
    return true;
  };
  try {
    const isIterable = isThenableIterable(result);
    // The program may await it or iterate over it: what it does first is the run.
    if (isIterable) {
      const handout = { run, call, creation, isPromised: true, isWaiting: () => isPending, begin: endWait };
      handOut(result, handout, run, isIterator(result));
    }
    handedOut = observe(
      result,
      (value) => (endWait() ? adoptValue({ run, call, creation }, value, replaceable) : value),
      (error) => {
        if (endWait()) run.callFailed(error);
      },
      preserve,
      { further: thenableMembersOf(result, thenableMembers), isIterable, isOver: () => !isPending },
    );
  } catch (error) {
    run.unobservable(error);
  }
  replaceable = preserve && handedOut !== result;
  // Still waiting for the value: if the promise is collected meanwhile, nobody will ever see one.
  if (run.hasPendingPull && isObjectLike(handedOut)) run.watch(handedOut);
  return handedOut;
}

function isThenableIterable(result: unknown): result is AsyncIterable<unknown> {
  // A Proxy may answer to any name.
  if (!isObjectLike(result) || isProxy(result)) return false;
  // In this order: few are iterable, and `then` is read again to observe it.
  return isAsyncIterable(result) && typeof (result as { then?: unknown }).then === 'function';
}

type Call = Pick<Handout, 'call' | 'creation'> & { readonly run: Run };

function adoptValue(made: Call, value: unknown, replaceable: boolean): unknown {
  const { run } = made;
  if (isObjectLike(value)) {
    const carried = carriedRunOf(value, run.lifecycle.plan.target);
    if (carried?.isStarted === true) {
      run.giveWayTo(carried);
      return value;
    }
    // One call made the generator for another: ours is under way, the one that would begin with the first pull is not.
    carried?.close();
    const traced = traceValue(made, value);
    if (traced === value || (traced !== undefined && replaceable)) return traced;
  }
  run.completeCall();
  return value;
}

/** @returns `value`, or what delegates to it, or undefined if there is nothing to trace */
function traceValue(made: Call, value: object): object | undefined {
  const { run } = made;
  try {
    // What a method under `Symbol.asyncIterator` gives is an iterator by the protocol, whether or not it is iterable in turn.
    if (isAsyncGenerator(value) || (run.lifecycle.givesIterators && isIterator(value))) {
      const others = closingMembers(value, run.lifecycle.plan.closeMembers, () => (run.isOver ? [] : [run]));
      return traceIterator(value, run, { others })?.facade;
    }
    if (!isAsyncIterable(value)) return undefined;
    const stream = isStream(value);
    const isSelfIterator = isIterator(value);
    if (stream) run.park();
    const isWaiting = () => !run.isOver;
    const begin = () => {
      run.unpark();
      return true;
    };
    if (!handOut(value, { ...made, isPromised: false, isWaiting, begin }, run, isSelfIterator)) return undefined;
    if (!stream) run.watch(value);
    return value;
  } catch {
    // A getter or a Proxy of the program's threw, which it would not have without us: the object is left alone.
    return undefined;
  }
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
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
