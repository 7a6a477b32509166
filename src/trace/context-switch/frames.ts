/**
 * Node's async context frames, where it has them (24 and newer): the map from every AsyncLocalStorage to its store, which
 * promises and callbacks take along. Their class can tell which frame is current, and enter another one.
 *
 * That class is no public API. It is reached through a symbol that AsyncResource shows, and tried out before it is used: where anything
 * is not as frame-switch.ts needs it, there are no frames for us.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { type AnyFunction, isMap, uncurryThis } from '../../base/intrinsics';

/** A Map, but not of the program's: what Node calls on it is out of the program's reach. */
export type Frame = ReadonlyMap<AsyncLocalStorage<unknown>, unknown>;

export interface Frames {
  /** The frame of this moment; undefined where no AsyncLocalStorage has a store. */
  current(): Frame | undefined;
  /** Makes `frame` the one of this moment. */
  set(frame: Frame | undefined): void;
}

const { get, has, forEach } = Map.prototype;
export const storeIn = uncurryThis(get as AnyFunction) as (
  frame: Frame,
  storage: AsyncLocalStorage<unknown>,
) => unknown;
export const isIn = uncurryThis(has as AnyFunction) as (frame: Frame, storage: AsyncLocalStorage<unknown>) => boolean;
export const forEachIn = uncurryThis(forEach as AnyFunction) as (
  frame: Frame,
  callback: (store: unknown, storage: AsyncLocalStorage<unknown>) => void,
) => void;

/** A property, and not the getter called on the frame: a pull looks three times, and the engine makes a single load of each. */
export function sizeOf(frame: Frame | undefined): number {
  return frame === undefined ? 0 : frame.size;
}

/** The frames of this version of Node, or undefined if it has none that can be relied on. */
export function findFrames(): Frames | undefined {
  // Stores lie on resources. To try out frames would make every promise of the process dearer, for as long as it lives.
  if ('_enable' in AsyncLocalStorage.prototype) return undefined;
  const resource = new AsyncResource('AsyncGeneratorRun', { requireManualDestroy: true });
  const symbol = Object.getOwnPropertySymbols(resource).find(({ description }) => description === 'context_frame');
  if (symbol === undefined) return undefined;
  try {
    // Inside a resource, so that nothing of it stays behind in the program's frame.
    return resource.runInAsyncScope(() => {
      const storage = new AsyncLocalStorage<number>();
      const inside = storage.run(1, () => new AsyncResource('AsyncGeneratorRun', { requireManualDestroy: true }));
      const frame = (inside as unknown as Record<symbol, Frame | undefined>)[symbol];
      const frames = (frame as { constructor?: Frames } | undefined)?.constructor;
      return frame !== undefined && frames !== undefined && areAsExpected(frames, frame, storage) ? frames : undefined;
    });
  } catch {
    return undefined;
  }
}

/** All that frame-switch.ts builds on. `frame` is one in which `storage` has the store 1. */
function areAsExpected(frames: Frames, frame: Frame, storage: AsyncLocalStorage<number>): boolean {
  const outside = frames.current();
  if (!isMap(frame) || sizeOf(frame) < 1 || storeIn(frame, storage) !== 1) return false;
  frames.set(frame);
  if (frames.current() !== frame || storage.getStore() !== 1) return false;
  // What changes a store leaves the frame as it is, and makes another current ...
  const second = new AsyncLocalStorage<number>();
  second.enterWith(2);
  const entered = frames.current();
  if (!isMap(entered) || entered === frame || sizeOf(entered) !== sizeOf(frame) + 1) return false;
  if (storage.run(3, () => frames.current() === entered) || storeIn(entered, storage) !== 1) return false;
  // ... but for `disable`, which takes the store out of the frame.
  frames.set(entered);
  second.disable();
  if (frames.current() !== entered || sizeOf(entered) !== sizeOf(frame)) return false;
  frames.set(outside);
  return frames.current() === outside && storage.getStore() === undefined;
}
