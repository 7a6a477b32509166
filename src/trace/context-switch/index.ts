/**
 * Runs the synchronous part of a pull in the body's context, and brings back the consumer's. One switch for each run.
 *
 * There are three ways, which behave alike: test/trace/context.test.ts and context-fuzz.test.ts compare each with the untraced program.
 *
 * - `ApiSwitch`, by `context.with`, works everywhere. The other two fall back on it, for a single pull or for good.
 * - `FrameSwitch` enters async context frames, which Node has since 24 (22 with a flag):
 *   https://github.com/nodejs/node/blob/08e5414dd32ae39d85aaab2f018e6881e731a209/lib/internal/async_context_frame.js
 * - `StoreSwitch` writes the store of one AsyncLocalStorage, where Node keeps stores on execution resources (20 and 22, `kResourceStore`):
 *   https://github.com/nodejs/node/blob/0524d3ba8a968174f683bc4e2742a7a02a74a287/lib/internal/async_local_storage/async_hooks.js
 *
 * Neither fast way is public API. Both are tried out before they are used: frames once in a process, the place of the store with each manager.
 */
import type { Context } from '@opentelemetry/api';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { OwnWeakMap } from '../../base/intrinsics';
import { activeContext, callWith, contextOfBody, lookUpContextManager, type RunIdentity } from '../context';
import { KnownManager } from './fast-switch';
import { findFrames, FrameSwitch, type Frames } from './frame-switch';
import { StoreSwitch } from './store-switch';

export interface ContextSwitch {
  /**
   * Enters the body's context. The caller then calls `leave` with the result. A callback would cost the program's stack one frame more for each pull.
   *
   * @returns undefined if the context manager has to do it: by `run`, then
   */
  enter(): object | undefined;
  leave(entered: object): void;
  /** Calls `fn(a, b)` in the body's context by way of the context manager. */
  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result;
}

/** Calls `fn(a, b)` in the body's context, if there is one. */
export function callInBody<A, B, Result>(
  way: ContextSwitch | undefined,
  fn: (a: A, b: B) => Result,
  a: A,
  b: B,
): Result {
  if (way === undefined) return fn(a, b);
  const entered = way.enter();
  if (entered === undefined) return way.run(fn, a, b);
  try {
    return fn(a, b);
  } finally {
    way.leave(entered);
  }
}

/** What a context manager that changes contexts has made of one: Sentry's forks its scope for each. */
export interface Fork {
  /** An AsyncLocalStorage, or its key on the execution resource. */
  readonly place: AsyncLocalStorage<unknown> | symbol;
  readonly store: unknown;
  /** The context that is active in it. */
  readonly active: Context;
}

export class BodyContext {
  /** Made with the first pull, and entered again by the later ones: what the body writes there has to last. */
  fork: Fork | undefined;
  /** Whether it is known what the manager makes of it. */
  isLookedAt = false;

  constructor(readonly context: Context) {}
}

/** The contexts that the body of one run runs in. */
export class BodyContexts {
  private outer: Context | undefined;
  private body: BodyContext | undefined;
  /** Those of other contexts than the last, if they are forks. */
  private forks: WeakMap<Context, BodyContext> | undefined;

  /** @param creation the context of the call, with `contextFrom: 'creation'`: every pull then runs in it */
  constructor(
    private readonly run: RunIdentity,
    private readonly creation: Context | undefined,
  ) {}

  /** The body's context for a pull in the context `active`. The same one gives the same one, so a loop makes none. */
  during(active: Context): BodyContext {
    const outer = this.creation ?? active;
    const { body } = this;
    if (body !== undefined && this.outer === outer) return body;
    if (body?.fork !== undefined) (this.forks ??= new OwnWeakMap()).set(this.outer as Context, body);
    this.outer = outer;
    return (this.body = this.forks?.get(outer) ?? new BodyContext(contextOfBody(outer, this.run)));
  }
}

/** With any context manager, on any version of Node. */
class ApiSwitch implements ContextSwitch {
  constructor(private readonly contexts: BodyContexts) {}

  enter(): undefined {
    return undefined;
  }

  leave(): void {}

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    return callWith(this.contexts.during(activeContext()).context, fn, a, b);
  }
}

let known: KnownManager<AsyncLocalStorage<unknown> | symbol> | undefined;
/** Null until somebody has looked for them. */
let frames: Frames | undefined | null = null;
let onlyByApi = isSwitchedToApi();

/** The variable is one of options/table.ts, where a wrong value is reported. */
function isSwitchedToApi(): boolean {
  return process.env.OTEL_INSTRUMENTATION_ASYNC_GENERATOR_CONTEXT_SWITCH?.trim().toLowerCase() === 'api';
}

export function createContextSwitch(contexts: BodyContexts): ContextSwitch {
  const manager = lookUpContextManager();
  if (manager === undefined || onlyByApi) return new ApiSwitch(contexts);
  if (known?.isStill(manager) !== true) known = new KnownManager(manager);
  if (frames === null) frames = findFrames();
  return frames === undefined
    ? new StoreSwitch(contexts, known as KnownManager<symbol>)
    : new FrameSwitch(contexts, frames, known as KnownManager<AsyncLocalStorage<unknown>>);
}

/** For tests: every switch by the API, or again as it was found. */
export function switchContextsByApi(onlyApi: boolean): void {
  onlyByApi = onlyApi || isSwitchedToApi();
}
