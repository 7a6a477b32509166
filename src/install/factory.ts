/**
 * Factories: functions and classes that make what is to be traced.
 */
import { types } from 'node:util';
import {
  isObjectLike,
  isPlainPromise,
  promiseThen,
  reflectApply,
  reflectConstruct,
  type AnyFunction,
} from '../base/intrinsics';
import { FunctionProxy } from '../trace/function-proxy';
import type { FactorySelector } from '../targets/selector';
import { errorText } from '../telemetry/errors';
import { isForwarding, replaceInherited, replaceProperty, type Replace } from './edit';

type Arguments = readonly unknown[];

/** One thing to trace in what the factory makes. */
export interface FactoryProduct {
  readonly selector: FactorySelector;
  /**
   * The replacement of a value that the factory has made.
   *
   * @param factoryArgs of what: only for the function that it returned. A member is often one function for many objects
   */
  replace(value: unknown, factoryArgs?: Arguments): unknown;
  /** Told once if the product cannot be patched. */
  failed(reason: string): void;
}

/** Looked at with every call of the factory: selectors that lead to it by another of its names add to them. */
interface FactoryProducts {
  readonly called: FactoryProduct[];
  readonly constructed: FactoryProduct[];
}

/** The factories of a module. */
export class Factories {
  /** By factory and by what is in its place, so that every way to reach it leads to the same. */
  private readonly known = new WeakMap<AnyFunction, Factory>();

  constructor(private readonly isEnabled: () => boolean) {}

  /** The function in the place of a factory: it calls it and patches what it makes. */
  replace(fn: AnyFunction, products: readonly FactoryProduct[]): AnyFunction {
    const factory = this.known.get(fn) ?? new Factory(fn, this.isEnabled);
    this.known.set(fn, factory).set(factory.proxy, factory);
    for (const product of products) {
      const known = factory.products[product.selector.construct ? 'constructed' : 'called'];
      if (!known.some(({ selector }) => selector === product.selector)) known.push(product);
    }
    return factory.proxy;
  }
}

class Factory extends FunctionProxy {
  readonly products: FactoryProducts = { called: [], constructed: [] };

  constructor(
    factory: AnyFunction,
    private readonly isEnabled: () => boolean,
  ) {
    super(factory);
  }

  apply(_target: AnyFunction, thisArg: unknown, args: Arguments): unknown {
    const made = reflectApply(this.original, thisArg, args);
    return this.isEnabled() ? patchAll(made, this.products.called, args) : made;
  }

  override construct = (_target: AnyFunction, args: Arguments, newTarget: AnyFunction): object => {
    const { original, products, proxy } = this;
    // `new.target` is the class itself, as untraced, or the subclass.
    const made = reflectConstruct(original, args, newTarget === proxy ? original : newTarget);
    return (this.isEnabled() ? patchAll(made, products.constructed) : made) as object;
  };
}

function patchAll(made: unknown, products: readonly FactoryProduct[], args?: Arguments): unknown {
  let result = made;
  for (const product of products) {
    try {
      result = patchProduct(result, product, args);
    } catch (error) {
      product.failed(`looking at what it made threw ${errorText(error)}`);
    }
  }
  return result;
}

function patchProduct(made: unknown, product: FactoryProduct, args?: Arguments): unknown {
  const { path } = product.selector;
  if (isPlainPromise(made)) {
    if (path.length === 0) product.failed('it returns a promise of a function, which cannot be replaced in it');
    else promiseThen(made, (value) => patchAll(value, [product]), noop);
    return made;
  }
  if (path.length === 0) {
    if (typeof made === 'function') return product.replace(made, args);
    product.failed('what it returned is not a function');
    return made;
  }

  let holder: unknown = made;
  for (const { key } of path.slice(0, -1)) holder = (holder as Record<PropertyKey, unknown> | undefined)?.[key];
  const last = path[path.length - 1]?.key as PropertyKey;
  if (!isObjectLike(holder) || !(last in holder)) {
    const member = path.map(({ text }) => text).join('.');
    product.failed(
      types.isProxy(holder)
        ? `what it made is a Proxy, which may give ${member} when it is read, but has no such member that could be replaced: wrap a function that calls it with traceAsyncGenerator`
        : `what it made has no member ${member}`,
    );
  } else if (!patchMember(holder, last, (value) => product.replace(value))) {
    product.failed('what it made is frozen');
  }
  return made;
}

/** Patches a member of one object: never of its prototype, which other objects share. */
function patchMember(object: object, key: PropertyKey, replace: Replace): boolean {
  const own = Reflect.getOwnPropertyDescriptor(object, key);
  if (own === undefined) return replaceInherited(object, key, replace) !== 'locked';
  // A factory may make the same object again.
  return isForwarding(own) || replaceProperty(object, key, replace) !== 'locked';
}

function noop(): void {}
