/**
 * Which way a run switches contexts.
 *
 * The two fast ways do themselves what the context manager would do. For that they have to know where it keeps its contexts, which is looked
 * for when it is given one. They pass by a manager that does nothing but keep contexts (see plain-manager.ts). One that forks, as Sentry's does
 * with its scope, is passed by from the second pull on: what it has made for the first is entered again. One that does something
 * else (tells a profiler, say) is left to do it with every pull.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { lookUpContextManager } from '../context-manager';
import { ApiSwitch } from './api-switch';
import type { BodyContexts } from './body-contexts';
import type { ContextSwitch } from './context-switch';
import { findFrames, type Frames } from './frames';
import { FrameSwitch } from './frame-switch';
import { KnownManager } from './known-manager';
import { isPlain, isWrapped } from './plain-manager';
import { StoreSwitch } from './store-switch';

export { BodyContexts } from './body-contexts';
export { callInBody, type ContextSwitch } from './context-switch';

let known: KnownManager<AsyncLocalStorage<unknown> | symbol> | undefined;
let frames: Frames | undefined | null = null;
let onlyByApi = false;

export function createContextSwitch(contexts: BodyContexts): ContextSwitch {
  const manager = lookUpContextManager();
  if (manager === undefined || onlyByApi) return new ApiSwitch(contexts);
  if (known?.isStill(manager) !== true) known = new KnownManager(manager, isPlain(manager), isWrapped(manager));
  if (frames === null) frames = findFrames();
  return frames === undefined
    ? new StoreSwitch(contexts, known as KnownManager<symbol>)
    : new FrameSwitch(contexts, frames, known as KnownManager<AsyncLocalStorage<unknown>>);
}

/** For tests: every switch by the API, or again as it was found. */
export function switchContextsByApi(onlyApi: boolean): void {
  onlyByApi = onlyApi;
}
