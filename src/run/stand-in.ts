/**
 * Functions in the place of the program's, which tell nothing of it: not by what shimmer writes on those that it puts in place, and not when they
 * are printed.
 */
import {
  type AnyFunction,
  defineProperty,
  deleteProperty,
  getOwnPropertyDescriptor,
  isExtensible,
  ownKeys,
  OwnSet,
  OwnWeakMap,
  reflectGet,
  reflectHas,
} from './intrinsics';
import { shadowOf } from './shadow';

/**
 * What shimmer, and OpenTelemetry's `_wrap`, write on the functions that they put in place. `_wrap` takes off whatever carries all three
 * before it wraps: https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/opentelemetry-instrumentation/src/platform/node/instrumentation.ts
 */
const WRAP_MARKS: readonly string[] = ['__original', '__unwrap', '__wrapped'];

function isWrapMark(key: PropertyKey): boolean {
  return key === '__original' || key === '__unwrap' || key === '__wrapped';
}

/** Takes off what our own use of shimmer has written on a function that it put in place. */
export function removeWrapMarks(fn: object): void {
  for (const mark of WRAP_MARKS) Reflect.deleteProperty(fn, mark);
}

/** A place in which a stand-in lies over what another has put there. */
export interface Layer {
  /** Puts back what is below it. False if something else lies above it. */
  takeOff(): boolean;
  putOn(): void;
}

/** Of each stand-in that lies over a wrapper with shimmer's marks. */
const layers = new OwnWeakMap<AnyFunction, Set<Layer>>();

/** Notes that `standIn` lies over `original`, if that is a wrapper which another may want to take off. */
export function layWrapperOver(standIn: AnyFunction, original: unknown, layer: Layer): void {
  if (typeof original !== 'function' || unwrapOf(original as AnyFunction) === undefined) return;
  const known = layers.get(standIn) ?? new OwnSet();
  layers.set(standIn, known.add(layer));
}

export function removeLayer(standIn: AnyFunction, layer: Layer): void {
  layers.get(standIn)?.delete(layer);
}

function unwrapOf(fn: AnyFunction): AnyFunction | undefined {
  const unwrap: unknown = getOwnPropertyDescriptor(fn, '__unwrap')?.value;
  return typeof unwrap === 'function' ? (unwrap as AnyFunction) : undefined;
}

/**
 * What OpenTelemetry's `_unwrap` calls on whatever is in the place of a wrapper that it has put there: takes off the wrapper, and leaves the
 * stand-in above it. Only that one mark answers, and only where there is such a wrapper: `_wrap` takes off what has all three.
 */
function unwrapBelow(standIn: AnyFunction, original: AnyFunction): AnyFunction | undefined {
  const unwrap = layers.get(standIn)?.size ? unwrapOf(original) : undefined;
  return (
    unwrap &&
    (() => {
      const lifted = [...(layers.get(standIn) ?? [])].filter((layer) => layer.takeOff());
      unwrap.call(original);
      for (const layer of lifted) layer.putOn();
    })
  );
}

/** What happens when it is called, or constructed, with the original first. */
export type StandInTraps = Required<Pick<ProxyHandler<AnyFunction>, 'apply'>> &
  Pick<ProxyHandler<AnyFunction>, 'construct'>;

/**
 * A Proxy of `original`: name, length, own properties, prototype, tag and (in)constructibility are the original's, now
 * and later. Only the marks of those who wrap functions are each function's own: those on the original say that somebody put the original in
 * place, and those on the Proxy must not land on the program's function.
 */
export function standIn(original: AnyFunction, traps: StandInTraps): AnyFunction {
  const shadow = shadowOf(original);
  const handler = new Handler(original, shadow, traps);
  if (shadow !== undefined) Object.assign(handler, shadow.forward(traps));
  return (handler.proxy = new Proxy(shadow?.target ?? original, handler));
}

/** A class, since a function that is made anew for every call gets one every time: closures would cost as much as its whole run. */
class Handler implements ProxyHandler<AnyFunction> {
  readonly apply: StandInTraps['apply'];
  readonly construct: StandInTraps['construct'];
  proxy: AnyFunction | undefined;
  private marks: Record<PropertyKey, unknown> | undefined;

  constructor(
    private readonly original: AnyFunction,
    private readonly shadow: ReturnType<typeof shadowOf>,
    { apply, construct }: StandInTraps,
  ) {
    this.apply = apply;
    this.construct = construct;
  }

  get(_target: AnyFunction, key: PropertyKey, receiver: unknown): unknown {
    const value = reflectGet(this.holderOf(key), key, receiver) as unknown;
    return key === '__unwrap' ? (value ?? unwrapBelow(this.proxy as AnyFunction, this.original)) : value;
  }

  has(_target: AnyFunction, key: PropertyKey): boolean {
    this.shadow?.follow();
    return reflectHas(this.holderOf(key), key);
  }

  deleteProperty(_target: AnyFunction, key: PropertyKey): boolean {
    const isDeleted = deleteProperty(this.holderOf(key), key);
    this.shadow?.follow();
    return isDeleted;
  }

  defineProperty(_target: AnyFunction, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const isDefined = defineProperty(this.holderOf(key), key, descriptor);
    this.shadow?.follow(key);
    return isDefined;
  }

  getOwnPropertyDescriptor(_target: AnyFunction, key: PropertyKey): PropertyDescriptor | undefined {
    this.shadow?.follow(key);
    return getOwnPropertyDescriptor(this.holderOf(key), key);
  }

  ownKeys(): (string | symbol)[] {
    this.shadow?.follow();
    const keys: (string | symbol)[] = [];
    const collect = (holder: object) => {
      const all = ownKeys(holder);
      for (let index = 0; index < all.length; index++) {
        const key = all[index] as string | symbol;
        if (holder === this.marks || this.holderOf(key) === this.original) keys[keys.length] = key;
      }
    };
    collect(this.original);
    if (this.marks !== undefined) collect(this.marks);
    return keys;
  }

  /** Where a property is. A Proxy may not hide what can't be taken off its target. */
  private holderOf(key: PropertyKey): object {
    const { original } = this;
    return isWrapMark(key) && isExtensible(original) && getOwnPropertyDescriptor(original, key)?.configurable !== false
      ? (this.marks ??= Object.create(null) as Record<PropertyKey, unknown>)
      : original;
  }
}
