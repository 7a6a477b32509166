/**
 * A context switch that is remembered: as long as the consumer pulls from the same frame, the body enters the same frame.
 *
 * What makes it sound, each point a case in test/run/context.test.ts:
 * - A frame is never changed in place but by `AsyncLocalStorage.disable()`, which makes it smaller: the same frame of the
 *   same size is the same in every respect.
 * - What the body does to its frame in its synchronous part (`enterWith`, `disable`) reaches the consumer, as it does
 *   untraced and through `context.with`: it is looked for after every pull, and done again in the consumer's frame.
 * - Everything else is left to `context.with`.
 */
import { context, type Context } from '@opentelemetry/api';
import type { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { captureFrame, currentFrame, forEachIn, frameOf, isIn, sizeOf, storeIn, type Frame } from './context-frame';

/** A function of the generator's, called with the generator and what was pulled with. */
type Body<A, B, C, Result> = (a: A, b: B, c: C) => Result;

/** Who keeps a switch from one pull to the next. */
export interface FrameSwitchOwner {
  remember(frameSwitch: FrameSwitch | undefined): void;
}

export class FrameSwitch {
  private escaped: Frame | undefined;

  private constructor(
    private readonly consumer: Frame,
    private readonly consumerSize: number,
    private readonly body: Frame,
    private readonly bodySize: number,
    private readonly resource: AsyncResource,
    /** The one in which OpenTelemetry's context manager keeps its contexts. */
    private readonly contexts: AsyncLocalStorage<unknown>,
  ) {}

  /**
   * Calls `fn(a, b, c)` in `bodyContext`, by way of `context.with`.
   *
   * @param owner gets a switch to use for the next pull, if there can be one
   */
  static enter<A, B, C, Result>(
    bodyContext: Context,
    fn: Body<A, B, C, Result>,
    a: A,
    b: B,
    c: C,
    owner: FrameSwitchOwner,
  ): Result {
    owner.remember(undefined);
    let resource: AsyncResource | undefined;
    let unchanged = false;
    const result = context.with(bodyContext, () => {
      resource = captureFrame();
      const frame = frameOf(resource);
      const size = frame && sizeOf(frame);
      const value = fn(a, b, c);
      unchanged = frame !== undefined && currentFrame() === frame && sizeOf(frame) === size;
      return value;
    });
    if (unchanged)
      owner.remember(FrameSwitch.between(currentFrame(), resource as unknown as AsyncResource, bodyContext));
    return result;
  }

  private static between(
    consumer: Frame | undefined,
    resource: AsyncResource,
    bodyContext: Context,
  ): FrameSwitch | undefined {
    const body = frameOf(resource) as Frame;
    const contexts = storageOf(body, bodyContext);
    // A context manager that keeps its contexts elsewhere would not be switched by switching frames.
    if (consumer === undefined || contexts === undefined || sizeOf(consumer) !== sizeOf(body)) return undefined;
    return new FrameSwitch(consumer, sizeOf(consumer), body, sizeOf(body), resource, contexts);
  }

  /** Whether this moment's frame is the one that the switch was made for, and both are still what they were. */
  fits(): boolean {
    return (
      currentFrame() === this.consumer &&
      sizeOf(this.consumer) === this.consumerSize &&
      sizeOf(this.body) === this.bodySize
    );
  }

  /** Calls `fn(a, b, c)` in the remembered frame. Only if it `fits`. */
  enter<A, B, C, Result>(fn: Body<A, B, C, Result>, a: A, b: B, c: C): Result {
    try {
      return this.resource.runInAsyncScope(callAndLook<A, B, C, Result>, undefined, this, fn, a, b, c);
    } finally {
      if (this.escaped !== undefined) this.carryOver(this.escaped);
    }
  }

  /** Called in the body's frame, after its synchronous part. */
  look(): void {
    const frame = currentFrame();
    if (frame !== this.body || sizeOf(this.body) !== this.bodySize) this.escaped = frame ?? this.body;
  }

  /** Does in the consumer's frame what the body has done in its own. */
  private carryOver(escaped: Frame): void {
    this.escaped = undefined;
    const { consumer, contexts } = this;
    const disabled: AsyncLocalStorage<unknown>[] = [];
    forEachIn(consumer, (_store, storage) => {
      if (storage !== contexts && !isIn(escaped, storage)) disabled[disabled.length] = storage;
    });
    if (disabled.length > 0) {
      // `disable` changes the frame in place, which others may be in: `context.with` leaves a copy of it behind.
      context.with(context.active(), noop);
      for (let index = 0; index < disabled.length; index++) disabled[index]?.disable();
    }
    forEachIn(escaped, (store, storage) => {
      if (storage === contexts) return;
      if (!isIn(consumer, storage) || storeIn(consumer, storage) !== store) storage.enterWith(store);
    });
  }
}

function callAndLook<A, B, C, Result>(frameSwitch: FrameSwitch, fn: Body<A, B, C, Result>, a: A, b: B, c: C): Result {
  try {
    return fn(a, b, c);
  } finally {
    frameSwitch.look();
  }
}

/** The AsyncLocalStorage that holds `value` in the frame. */
function storageOf(frame: Frame, value: unknown): AsyncLocalStorage<unknown> | undefined {
  let found: AsyncLocalStorage<unknown> | undefined;
  forEachIn(frame, (store, storage) => {
    if (store === value) found = storage;
  });
  return found;
}

function noop(): void {}
