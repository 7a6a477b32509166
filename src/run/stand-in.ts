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
  const marks = Object.create(null) as Record<PropertyKey, unknown>;
  /** Where a property is. A Proxy may not hide what can't be taken off its target. */
  const holderOf = (key: PropertyKey): object =>
    isWrapMark(key) && isExtensible(original) && getOwnPropertyDescriptor(original, key)?.configurable !== false
      ? marks
      : original;
  const shadow = shadowOf(original);
  const proxy: AnyFunction = new Proxy(shadow?.target ?? original, {
    ...(shadow === undefined ? traps : shadow.forward(traps)),
    get: (_target, key, receiver) => {
      const value = reflectGet(holderOf(key), key, receiver) as unknown;
      return key === '__unwrap' ? (value ?? unwrapBelow(proxy, original)) : value;
    },
    has: (_target, key) => {
      shadow?.follow();
      return reflectHas(holderOf(key), key);
    },
    deleteProperty: (_target, key) => {
      const isDeleted = deleteProperty(holderOf(key), key);
      shadow?.follow();
      return isDeleted;
    },
    defineProperty: (_target, key, descriptor) => {
      const isDefined = defineProperty(holderOf(key), key, descriptor);
      shadow?.follow(key);
      return isDefined;
    },
    getOwnPropertyDescriptor: (_target, key) => {
      shadow?.follow(key);
      return getOwnPropertyDescriptor(holderOf(key), key);
    },
    ownKeys: () => {
      shadow?.follow();
      const keys: (string | symbol)[] = [];
      const collect = (holder: object) => {
        const all = ownKeys(holder);
        for (let index = 0; index < all.length; index++) {
          const key = all[index] as string | symbol;
          if (holder === marks || holderOf(key) === original) keys[keys.length] = key;
        }
      };
      collect(original);
      collect(marks);
      return keys;
    },
  });
  return proxy;
}
