/**
 * Factories: functions and classes that make what is to be traced.
 */
import { isObjectLike, isPlainPromise, promiseThen, reflectApply, type AnyFunction } from '../run/intrinsics';
import { standIn } from '../run/wrappers';
import type { FactorySelector } from '../targets/selector';
import { forwardingGetter, isForwarding, replaceSlot, type Replace } from './slot';

/** One thing to trace in what the factory makes. */
export interface FactoryProduct {
  readonly selector: FactorySelector;
  readonly replace: Replace;
  /** Told once if the product cannot be patched. */
  failed(reason: string): void;
}

/** The function that stands in for a factory: it calls it and patches what it makes. */
export function traceFactory(
  factory: AnyFunction,
  products: readonly FactoryProduct[],
  isEnabled: () => boolean,
): AnyFunction {
  const called = products.filter(({ selector }) => !selector.construct);
  const constructed = products.filter(({ selector }) => selector.construct);
  const traced = standIn(factory, {
    apply(target, thisArg, args) {
      const made = reflectApply(target, thisArg, args);
      return isEnabled() ? patchAll(made, called) : made;
    },
    construct(target, args, newTarget) {
      // `new.target` is the class itself, as untraced, or the subclass.
      const made = Reflect.construct(target, args, newTarget === traced ? target : newTarget) as object;
      return (isEnabled() ? patchAll(made, constructed) : made) as object;
    },
  });
  return traced;
}

function patchAll(made: unknown, products: readonly FactoryProduct[]): unknown {
  let result = made;
  for (const product of products) {
    try {
      result = patchProduct(result, product);
    } catch (error) {
      product.failed(`looking at what it made threw ${String(error)}`);
    }
  }
  return result;
}

function patchProduct(made: unknown, product: FactoryProduct): unknown {
  const { path } = product.selector;
  if (isPlainPromise(made)) {
    if (path.length === 0) product.failed('it returns a promise of a function, which cannot be replaced in it');
    else promiseThen(made, (value) => patchAll(value, [product]), noop);
    return made;
  }
  if (path.length === 0) return product.replace(made);

  let holder: unknown = made;
  for (const { key } of path.slice(0, -1)) holder = (holder as Record<PropertyKey, unknown> | undefined)?.[key];
  const last = path[path.length - 1]?.key as PropertyKey;
  if (!isObjectLike(holder) || !(last in holder)) {
    product.failed(`what it made has no member ${path.map(({ text }) => text).join('.')}`);
  } else if (!patchMember(holder, last, product.replace)) {
    product.failed('what it made is frozen');
  }
  return made;
}

/** Patches a member of one object: never of its prototype, which other objects share. */
function patchMember(object: object, key: PropertyKey, replace: Replace): boolean {
  const own = Reflect.getOwnPropertyDescriptor(object, key);
  // A factory may make the same object again.
  if (own !== undefined) return isForwarding(own) || replaceSlot(object, key, replace) !== 'locked';
  const inherited = findDescriptor(object, key) as PropertyDescriptor;
  const forwarding: PropertyDescriptor =
    inherited.get === undefined
      ? { value: replace(inherited.value), writable: true }
      : { get: forwardingGetter(inherited.get as () => unknown, replace), set: inherited.set };
  return Reflect.defineProperty(object, key, { ...forwarding, configurable: true, enumerable: false });
}

/** The descriptor of a property, own or inherited. */
function findDescriptor(object: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (let owner: object | null = object; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

function noop(): void {}
