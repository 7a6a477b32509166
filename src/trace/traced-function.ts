import { trace, type Context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { carriedRunOf } from './carrier';
import { activeContext, isTracingSuppressed } from './context';
import { callInBody } from './context-switch';
import { callHook } from '../base/guard';
import { traceFreshGenerator } from './generator';
import { handOutUntraced, tracedIn } from './iterable';
import { traceIterator } from './iterator';
import {
  isAsyncGenerator,
  isAsyncGeneratorFunction,
  isObjectLike,
  reflectApply,
  type AnyFunction,
} from '../base/intrinsics';
import type { Tracing } from './record';
import { traceResult } from './results';
import { Run } from './run';

/** How a traced function is traced: `tracing` is replaced when another configuration takes the function over. */
export interface TracedState {
  tracing: Tracing;
  /** Not in the tracing, which open runs hold: these may lead to a generator, and would keep it alive. */
  factoryArgs?: readonly unknown[];
}

/**
 * Calls `original` as the program asked and traces what comes back.
 *
 * @param makesGenerator whether it is, or was before it was compiled or wrapped, an async generator: then its call alone starts nothing
 */
export function callTraced(
  original: AnyFunction,
  { tracing, factoryArgs }: TracedState,
  makesGenerator: boolean,
  thisArg: unknown,
  args: readonly unknown[],
): unknown {
  const { plan, scope } = tracing;
  if (!scope.isActive()) return reflectApply(original, thisArg, args);
  const creation = activeContext();
  if (isTracingSuppressed(creation) || (plan.requireParentSpan && trace.getSpan(creation) === undefined)) {
    return letThrough(original, plan.target, creation, thisArg, args);
  }
  const call: GeneratorCall = {
    moduleName: plan.moduleName,
    moduleVersion: plan.moduleVersion,
    exportPath: plan.exportPath,
    thisArg,
    args,
    factoryArgs,
  };
  for (let index = 0; index < plan.shouldTrace.length; index++) {
    const shouldTrace = plan.shouldTrace[index] as (call: GeneratorCall) => boolean;
    if (callHook(scope.reporter, 'shouldTrace', shouldTrace, call) === false) {
      return letThrough(original, plan.target, creation, thisArg, args);
    }
  }
  const run = new Run(tracing, creation, call);
  return plan.startOn === 'pull' && makesGenerator
    ? callGeneratorFunction(original, run, call, creation)
    : callFunction(original, run, call, creation);
}

function letThrough(
  original: AnyFunction,
  target: object,
  creation: Context,
  thisArg: unknown,
  args: readonly unknown[],
): unknown {
  const result = reflectApply(original, thisArg, args);
  handOutUntraced(result, target, creation);
  return result;
}

/** Nothing of the body runs in the call, so nothing starts but where the call itself (a default argument) throws. */
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
  tracedIn(creation, run.tracing.plan.target);
  run.startWithCall();
  if (run.isOver) return reflectApply(original, call.thisArg, call.args);
  let result: unknown;
  try {
    const { contextSwitch } = run;
    result = contextSwitch === undefined ? applyTo(original, call) : callInBody(contextSwitch, applyTo, original, call);
  } catch (error) {
    run.callFailed(error);
    throw error;
  }
  return traceResult(run, call, creation, result);
}

function applyTo(original: AnyFunction, { thisArg, args }: GeneratorCall): unknown {
  return reflectApply(original, thisArg, args);
}
