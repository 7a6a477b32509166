/**
 * Node's async context frames, where it has them (24 and newer): the map from every AsyncLocalStorage to its store.
 *
 * `AsyncLocalStorage.run`, which a context switch goes through, copies the whole frame twice: some 265 ns a pull, and ten
 * times that with ten AsyncLocalStorages in use. An AsyncResource remembers the frame that it was made in, and enters it
 * again at a tenth of the cost. It also shows the frame, under a symbol. That symbol is no public API: whether frames are as
 * this module and frame-switch.ts need them is tried out once, at load; if not, nobody uses either.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import { uncurryThis, type AnyFunction } from './intrinsics';

/** A frame: a Map, with no prototype to call methods on. */
export type Frame = ReadonlyMap<AsyncLocalStorage<unknown>, unknown>;

const TYPE = 'AsyncGeneratorRun';
const OPTIONS = { requireManualDestroy: true };

const FRAME = Object.getOwnPropertySymbols(new AsyncResource(TYPE, OPTIONS)).find(
  ({ description }) => description === 'context_frame',
);

const { get, has, forEach } = Map.prototype;
const sizeGetter = Reflect.getOwnPropertyDescriptor(Map.prototype, 'size')?.get as () => number;
export const sizeOf = uncurryThis(sizeGetter as AnyFunction) as (frame: Frame) => number;
export const storeIn = uncurryThis(get as AnyFunction) as (
  frame: Frame,
  storage: AsyncLocalStorage<unknown>,
) => unknown;
export const isIn = uncurryThis(has as AnyFunction) as (frame: Frame, storage: AsyncLocalStorage<unknown>) => boolean;
export const forEachIn = uncurryThis(forEach as AnyFunction) as (
  frame: Frame,
  callback: (store: unknown, storage: AsyncLocalStorage<unknown>) => void,
) => void;

/** A resource that enters the frame of this moment again. */
export function captureFrame(): AsyncResource {
  return new AsyncResource(TYPE, OPTIONS);
}

/** The frame that a resource was made in; undefined outside any. */
export function frameOf(resource: AsyncResource): Frame | undefined {
  return (resource as unknown as Record<symbol, Frame | undefined>)[FRAME as symbol];
}

/** The frame of this moment. */
export function currentFrame(): Frame | undefined {
  return frameOf(captureFrame());
}

/** A run of one or two items is over before a remembered frame has paid for itself. */
const WORTHWHILE_FROM_PULL = 3;

const found = FRAME !== undefined && areAsExpected();
let firstPull = found ? WORTHWHILE_FROM_PULL : Infinity;

/** From which pull of a run on it is worthwhile to remember frames; Infinity where they cannot be relied on. */
export function framesFromPull(): number {
  return firstPull;
}

/** For tests: frames from another pull on, or none (Infinity); without an argument as it was found. */
export function useFramesFromPull(pull: number = WORTHWHILE_FROM_PULL): void {
  firstPull = found ? pull : Infinity;
}

/** All that frame-switch.ts builds on. Inside a resource, so that nothing of it stays behind in the program's frame. */
function areAsExpected(): boolean {
  try {
    return captureFrame().runInAsyncScope(() => {
      const first = new AsyncLocalStorage<number>();
      const second = new AsyncLocalStorage<number>();
      const inside = first.run(1, () => {
        const resource = captureFrame();
        const frame = frameOf(resource);
        if (!types.isMap(frame) || storeIn(frame, first) !== 1 || currentFrame() !== frame) return false;
        second.enterWith(2);
        const entered = currentFrame();
        if (!types.isMap(entered) || entered === frame || sizeOf(entered) !== sizeOf(frame) + 1) return false;
        second.disable();
        if (currentFrame() !== entered || sizeOf(entered) !== sizeOf(frame)) return false;
        const again = resource.runInAsyncScope(() => currentFrame() === frame && second.getStore() === undefined);
        return again && currentFrame() === entered;
      });
      const after = currentFrame();
      return inside && types.isMap(after) && storeIn(after, first) === undefined;
    });
  } catch {
    return false;
  }
}
