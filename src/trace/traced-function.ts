/**
 * Traced functions: what the program calls in place of its own, and what such a call does.
 */
import { trace, type Context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { carriedRunOf } from './pulls';
import { activeContext, isTracingSuppressed } from './context';
import { callInBody } from './context-switch';
import { callHook } from '../base/reporter';
import { traceFreshGenerator } from './generator';
import { noteUntraced } from './iterable';
import { callHelper } from './aborts';
import { traceIterator } from './iterator';
import {
  filtered,
  isAsyncGenerator,
  isAsyncGeneratorFunction,
  isObjectLike,
  joined,
  OwnWeakMap,
  reflectApply,
  type AnyFunction,
} from '../base/intrinsics';
import type { RunPlan } from './plan';
import type { Tracing } from './record';
import { traceResult } from './results';
import { Run } from './run';
import { FunctionProxy, handlerBehind } from './function-proxy';
import { unsetLetThrough } from './waiting-calls';
import {
  addFinder,
  addWrapper,
  innermostOf,
  makesGenerator,
  originalOf,
  wrapperOf,
  type OtherCopy,
  type Wrapper,
} from './wrappers';

/** How a traced function is traced: `tracing` is replaced when another configuration takes the function over. */
export interface TracedState {
  tracing: Tracing;
  /** Not in the tracing, which open runs hold: these may lead to a generator, and would keep it alive. */
  factoryArgs?: readonly unknown[];
}

class TracedFunction extends FunctionProxy implements Wrapper {
  private others: readonly OtherCopy[] = NO_COPIES;

  constructor(
    original: AnyFunction,
    readonly state: TracedState,
    private readonly isGenerator: boolean,
  ) {
    super(original);
  }

  apply(_target: AnyFunction, thisArg: unknown, args: readonly unknown[]): unknown {
    const { original, state } = this;
    if (this.others === NO_COPIES || isEnabled(state))
      return callTraced(original, state, this.isGenerator, thisArg, args);
    const other = this.otherInUse();
    return other === undefined ? reflectApply(original, thisArg, args) : other.call(thisArg, args);
  }

  isInUse(): boolean {
    return isEnabled(this.state) || this.otherInUse() !== undefined;
  }

  join(other: OtherCopy): void {
    this.others = joined(this.others, [other]);
  }

  private otherInUse(): OtherCopy | undefined {
    return filtered(this.others, (other) => other.isInUse())[0];
  }
}

const NO_COPIES: readonly OtherCopy[] = [];

/** @param isGenerator whether `original` is, or was before it was compiled or wrapped, an async generator: then its call alone starts nothing */
function callTraced(
  original: AnyFunction,
  { tracing, factoryArgs }: TracedState,
  isGenerator: boolean,
  thisArg: unknown,
  args: readonly unknown[],
): unknown {
  const { plan, scope } = tracing;
  if (!scope.isActive()) return reflectApply(original, thisArg, args);
  const creation = activeContext();
  if (isTracedIn(creation, plan)) {
    const { moduleName, moduleVersion, exportPath, leavingSignal } = plan;
    const call: GeneratorCall = { moduleName, moduleVersion, exportPath, thisArg, args, factoryArgs };
    if (leavingSignal !== undefined) return callHelper(original, call, tracing, leavingSignal);
    if (isWanted(call, tracing)) {
      const isSaidBelow = plan.genAi !== undefined && innermostOf(original) !== original;
      const run = new Run(tracing, creation, call, isSaidBelow);
      return plan.startOn === 'pull' && isGenerator
        ? callGeneratorFunction(original, run, call, creation)
        : callFunction(original, run, call, creation);
    }
  }
  const result = reflectApply(original, thisArg, args);
  noteUntraced(result, plan.target, creation);
  return result;
}

/** Whether a call in this context is traced at all. */
export function isTracedIn(creation: Context, { requireParentSpan }: RunPlan): boolean {
  return !isTracingSuppressed(creation) && !(requireParentSpan && trace.getSpan(creation) === undefined);
}

/** Whether the hooks let the call be traced. */
export function isWanted(call: GeneratorCall, { plan, scope }: Tracing): boolean {
  for (let index = 0; index < plan.shouldTrace.length; index++) {
    const shouldTrace = plan.shouldTrace[index] as (call: GeneratorCall) => boolean;
    if (callHook(scope.reporter, 'shouldTrace', shouldTrace, call) === false) return false;
  }
  return true;
}

/** Nothing of the body runs in the call, so nothing starts unless the call itself (a default argument) throws. */
function callGeneratorFunction(original: AnyFunction, run: Run, call: GeneratorCall, creation: Context): unknown {
  let generator: unknown;
  try {
    generator = reflectApply(original, call.thisArg, call.args);
  } catch (error) {
    run.start();
    if (!run.isOver) run.fail(error);
    throw error;
  }
  if (isAsyncGeneratorFunction(original)) {
    if (traceFreshGenerator(generator as object, run)) return generator;
    return traceIterator(generator as object, run) ?? generator;
  }
  // Another's wrapper may have made something else of it.
  if (!isAsyncIterator(generator)) {
    run.startWithCall();
    return run.isOver ? generator : traceResult(run, call, creation, generator);
  }
  return carriedRunOf(generator as object, run.tracing.plan.target) === undefined
    ? (traceIterator(generator as object, run) ?? generator)
    : generator;
}

function isAsyncIterator(value: unknown): boolean {
  if (isAsyncGenerator(value)) return true;
  try {
    const { next, [Symbol.asyncIterator]: iterator } = value as Partial<AsyncIterableIterator<unknown>>;
    return isObjectLike(value) && typeof next === 'function' && typeof iterator === 'function';
  } catch {
    return false;
  }
}

/** The work of a plain function starts at the call, and so does its run. */
function callFunction(original: AnyFunction, run: Run, call: GeneratorCall, creation: Context): unknown {
  unsetLetThrough(creation, run.tracing.plan.target);
  run.startWithCall();
  if (run.isOver) return reflectApply(original, call.thisArg, call.args);
  let result: unknown;
  try {
    result = callInBody(run.contextSwitch, applyTo, original, call);
  } catch (error) {
    run.callFailed(error);
    throw error;
  }
  return traceResult(run, call, creation, result);
}

export function applyTo(original: AnyFunction, { thisArg, args }: GeneratorCall): unknown {
  return reflectApply(original, thisArg, args);
}

interface TraceFunctionOptions {
  /** Called if this copy does not trace the function at present. */
  createTracing(): Tracing;
  /** Whether this caller takes over a function that another target's tracing, of this copy, has in use. */
  mayTakeOver(other: Tracing): boolean;
  /** What the factory that made the function was called with. */
  readonly factoryArgs?: readonly unknown[];
}

/** The traced function for `fn`: the one that exists, or a new one. */
export function traceFunction(
  fn: AnyFunction,
  { createTracing, mayTakeOver, factoryArgs }: TraceFunctionOptions,
): AnyFunction {
  const existing = wrapperOf(fn);
  const state = existing && stateOf(existing);
  if (existing === undefined || state === undefined) {
    const tracing = createTracing();
    if (existing !== undefined) return join(existing, { tracing, factoryArgs });
    const wrapper = new TracedFunction(fn, { tracing, factoryArgs }, makesGenerator(fn));
    addWrapper(wrapper);
    return wrapper.proxy;
  }
  // Made again, of other arguments: which of them a call belongs to cannot be known.
  if (factoryArgs !== undefined) state.factoryArgs = undefined;
  // References taken while it was in use come back to life with it.
  if (!isEnabled(state) || mayTakeOver(state.tracing)) state.tracing = createTracing();
  return existing.proxy;
}

/** The traced function for one of a definition, which shares its state with the others. There may be a million: no table has them. */
export function traceFunctionAs(fn: AnyFunction, state: TracedState, isGenerator: boolean): AnyFunction {
  const existing = wrapperOf(fn);
  if (existing === undefined) return new TracedFunction(fn, state, isGenerator).proxy;
  const known = stateOf(existing);
  if (known === undefined) return join(existing, state);
  return isEnabled(known) ? existing.proxy : new TracedFunction(existing.original, state, isGenerator).proxy;
}

/** Has this copy trace the calls of a wrapper that another has made. */
function join(wrapper: Wrapper, state: TracedState): AnyFunction {
  const { original, proxy } = wrapper;
  const isGenerator = makesGenerator(original);
  joinedStates.set(proxy, state);
  wrapper.join({
    isInUse: () => isEnabled(state),
    call: (thisArg, args) => callTraced(original, state, isGenerator, thisArg, args),
  });
  return proxy;
}

/** A traced function for this caller alone: others that trace `fn` keep theirs, and patches leave the new one as it is. */
export function traceFunctionAlone(fn: AnyFunction, state: TracedState): AnyFunction {
  const original = originalOf(fn);
  return new TracedFunction(original, state, makesGenerator(original)).proxy;
}

function isEnabled({ tracing }: TracedState): boolean {
  return tracing.scope.enabled;
}

/** How this copy traces the calls of wrappers that another has made, by their Proxy. */
const joinedStates = new OwnWeakMap<AnyFunction, TracedState>();

addFinder((fn) => {
  const found = handlerBehind(fn);
  return found instanceof TracedFunction ? found : undefined;
});

/** How this copy traces the calls of a wrapper. */
function stateOf(wrapper: Wrapper): TracedState | undefined {
  return wrapper instanceof TracedFunction ? wrapper.state : joinedStates.get(wrapper.proxy);
}
