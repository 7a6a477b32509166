/**
 * Which way a run switches contexts.
 *
 * The two fast ways do themselves what the context manager would do, which is right only of one that does nothing but set an
 * AsyncLocalStorage's store (see plain-manager.ts). In which one is found out by looking: a context is entered through the API once
 * for each manager. Managers that do more (Sentry's forks its scope, others tell a profiler) are left to do it.
 */
import { context, type ContextManager } from '@opentelemetry/api';
import { executionAsyncResource, type AsyncLocalStorage } from 'node:async_hooks';
import { ApiSwitch } from './api-switch';
import type { BodyContexts } from './body-contexts';
import type { ContextSwitch } from './context-switch';
import { findFrames, type Frames } from './frames';
import { FrameSwitch, onlyDifference as onlyStorage } from './frame-switch';
import { lookUpContextManager } from './manager';
import { isPlain } from './plain-manager';
import { onlyDifference as onlySymbol, StoreSwitch } from './store-switch';

export { BodyContexts } from './body-contexts';
export type { ContextSwitch } from './context-switch';

/** Makes the switch of a run. */
type Way = (contexts: BodyContexts) => ContextSwitch;

const byApi: Way = (contexts) => new ApiSwitch(contexts);

/** The manager that the way was found for, and its methods then: a program may patch them. */
let knownManager: ContextManager | undefined;
let knownActive: unknown;
let knownWith: unknown;
let knownWay = byApi;
let onlyByApi = false;

export function createContextSwitch(contexts: BodyContexts): ContextSwitch {
  const manager = lookUpContextManager();
  if (manager === undefined || onlyByApi) return byApi(contexts);
  if (manager !== knownManager || manager.active !== knownActive || manager.with !== knownWith) {
    knownWay = isPlain(manager) ? findWay(manager, contexts) : byApi;
    knownManager = manager;
    knownActive = manager.active;
    knownWith = manager.with;
  }
  return knownWay(contexts);
}

/** For tests: every switch by the API, or again as it was found. */
export function switchContextsByApi(onlyApi: boolean): void {
  onlyByApi = onlyApi;
}

let frames: Frames | undefined | null = null;

/** Nothing of `contexts`, which are one run's, may stay with the way that is found. */
function findWay(manager: object, contexts: BodyContexts): Way {
  if (frames === null) frames = findFrames();
  return frames === undefined
    ? byStore(manager, findStore(contexts))
    : byFrames(manager, frames, findStorage(contexts, frames));
}

function byFrames(manager: object, frames: Frames, storage: AsyncLocalStorage<unknown> | undefined): Way {
  return storage === undefined ? byApi : (contexts) => new FrameSwitch(contexts, frames, manager, storage);
}

function byStore(manager: object, key: symbol | undefined): Way {
  return key === undefined ? byApi : (contexts) => new StoreSwitch(contexts, manager, key);
}

function findStorage(contexts: BodyContexts, frames: Frames): AsyncLocalStorage<unknown> | undefined {
  const body = contexts.during(context.active());
  const outside = frames.current();
  let storage: AsyncLocalStorage<unknown> | undefined;
  context.with(body, () => {
    storage = onlyStorage(frames.current(), outside, body);
  });
  // Now it is one that is equal to the consumer's: what else remembers that would not know it again.
  frames.set(outside);
  return storage;
}

function findStore(contexts: BodyContexts): symbol | undefined {
  const body = contexts.during(context.active());
  const resource = executionAsyncResource();
  const outside = { ...resource };
  let key: symbol | undefined;
  context.with(body, () => {
    if (executionAsyncResource() === resource) key = onlySymbol(resource as Record<symbol, never>, outside, body);
  });
  return key;
}
