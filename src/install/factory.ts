/**
 * Factories: functions and classes that make what is to be traced.
 *
 * What they made holds it in a property: a function, or a stream. A property with a value is looked at when the factory has made it, without
 * reading any getter; one with a getter, and one that is set later, when the program reads or sets it.
 */
import { types } from 'node:util';
import { isObjectLike, isPlainPromise, reflectApply, reflectConstruct, type AnyFunction } from '../base/intrinsics';
import { callHook } from '../base/reporter';
import { namedKey, type FactorySelector, type KeyPattern } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import { FactoryCall, isThenable, type StreamProperty } from '../trace/factory-call';
import { FunctionProxy } from '../trace/function-proxy';
import { observe } from '../trace/observe';
import { thenableMembersOf } from '../trace/results';
import { innermostOf, originalOf } from '../trace/wrappers';
import { isForwarding, replaceInherited, replaceProperty, replaceWhenSet, type EditResult } from './edit';
import { findDescriptor } from './keys';

type Arguments = readonly unknown[];

/** One thing to trace in what the factory makes. */
export interface FactoryProduct extends StreamProperty {
  readonly selector: FactorySelector;
  readonly target: Target;
  /**
   * The traced function for one that the factory has made.
   *
   * @param factoryArgs of what: only for the function that it returned, and for its own members that a wildcard takes. A member that is named is
   *   often one function for many objects
   */
  trace(fn: AnyFunction, factoryArgs?: Arguments): AnyFunction;
  /** The same for one of the members that a wildcard takes. */
  ofMember(key: string): FactoryProduct;
  /** Whether it is that. */
  readonly isOfWildcard: boolean;
  /** Told if a result does not have it: others may. */
  missing(reason: string): void;
}

/** Looked at with every call of the factory: selectors that lead to it by another of its names add to them. */
interface FactoryProducts {
  readonly called: FactoryProduct[];
  readonly constructed: FactoryProduct[];
}

/** The factories of an instrumentation. */
export class Factories {
  /** By factory and by what is in its place, so that every way to reach it leads to the same. */
  private readonly known = new WeakMap<AnyFunction, Factory>();

  constructor(private readonly isEnabled: () => boolean) {}

  /** Whether the function is in the place of a factory. */
  hasReplacement(fn: unknown): fn is AnyFunction {
    return typeof fn === 'function' && this.known.get(fn as AnyFunction)?.proxy === fn;
  }

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
    readonly isEnabled: () => boolean,
  ) {
    super(factory);
  }

  /** Whether another instrumentation has wrapped it, which may say what it asks of a model. */
  private get isSaidBelow(): boolean {
    return innermostOf(this.original) !== originalOf(this.original);
  }

  apply(_target: AnyFunction, thisArg: unknown, args: Arguments): unknown {
    const called = this.isEnabled() ? this.products.called.filter((product) => isMadeBy(product, args)) : [];
    if (called.length === 0) return reflectApply(this.original, thisArg, args);
    const starting = startingWithCall(called);
    const call = new FactoryCall(thisArg, args, this.isSaidBelow);
    const made = call.invoke(this.original, starting?.tracing);
    return new Making(this, call, { args, starting }).patch(made, called);
  }

  override construct = (_target: AnyFunction, args: Arguments, newTarget: AnyFunction): object => {
    const { original, proxy } = this;
    const { constructed } = this.products;
    const call =
      constructed.length > 0 && this.isEnabled() ? new FactoryCall(undefined, args, this.isSaidBelow) : undefined;
    // `new.target` is the class itself, as untraced, or the subclass.
    const made = reflectConstruct(original, args, newTarget === proxy ? original : newTarget);
    return call === undefined ? made : (new Making(this, call, {}).patch(made, constructed) as object);
  };
}

function isMadeBy({ target, tracing }: FactoryProduct, args: Arguments): boolean {
  const { isMadeBy: decide } = target;
  return decide === undefined || callHook(tracing.scope.reporter, 'isMadeBy', decide, args) !== false;
}

/** The stream whose run begins with the call: of a target that selects several, no single one's could. */
function startingWithCall(products: readonly FactoryProduct[]): FactoryProduct | undefined {
  return products.find((product) => {
    const { selector, target } = product;
    if (target.startOn !== 'call' || selector.path.length === 0) return false;
    return products.every((other) => other === product || other.target !== target);
  });
}

/** A product on its way through what the factory has made: the keys that are ahead. */
interface Step {
  readonly product: FactoryProduct;
  readonly path: readonly KeyPattern[];
}

/** By the getter of a property that is looked at when the program reads it. */
const watched = new WeakMap<object, WatchedProperty>();

interface WatchedProperty {
  making: Making;
  /** Whether several calls have made the object. */
  isShared: boolean;
}

interface MakingOptions {
  /** Of the call, where the function that it returned is to know them. */
  readonly args?: Arguments;
  /** The product whose run has begun with the call. */
  readonly starting?: FactoryProduct | undefined;
}

/** What becomes of the result of one call. */
class Making {
  constructor(
    private readonly factory: Factory,
    private readonly call: FactoryCall,
    private readonly options: MakingOptions,
  ) {}

  /** @returns what to hand to the program in place of `made` */
  patch(made: unknown, products: readonly FactoryProduct[]): unknown {
    if (!this.factory.isEnabled()) return made;
    let result = made;
    for (const product of products)
      if (product.selector.path.length === 0) result = this.patchFunction(result, product);
    const steps = products.map((product) => ({ product, path: product.selector.path }));
    return this.patchValue(
      result,
      steps.filter(({ path }) => path.length > 0),
      true,
    );
  }

  private patchFunction(made: unknown, product: FactoryProduct): unknown {
    if (typeof made === 'function') return product.trace(made as AnyFunction, this.options.args);
    product.failed(
      isPlainPromise(made)
        ? 'it returns a promise of a function, which cannot be replaced in it'
        : 'what it returned is not a function',
    );
    return made;
  }

  /**
   * Of a promise without such a member, what it is fulfilled with.
   *
   * @param isResult whether it is what the call returned, and not further down in it
   */
  private patchValue(value: unknown, steps: readonly Step[], isResult: boolean): unknown {
    if (steps.length === 0) return value;
    try {
      if (!isThenable(value)) {
        this.patchMembers(value, steps, { isResult });
        return value;
      }
      const isOwn = ({ path: [key] }: Step) => key !== undefined && findDescriptor(value, key.key) !== undefined;
      const own = steps.filter(isOwn);
      if (own.length > 0) this.patchMembers(value, own, { isResult });
      const ofOutcome = steps.filter((step) => !own.includes(step));
      return this.patchOutcome(value, ofOutcome, isResult);
    } catch (error) {
      for (const { product } of steps) product.failed(`looking at what it made threw ${errorText(error)}`);
      return value;
    }
  }

  private patchOutcome(promise: object, steps: readonly Step[], isResult: boolean): unknown {
    const plans = steps.map(({ product }) => product.tracing.plan);
    const [plan] = plans;
    if (plan === undefined) return promise;
    const isStarting = this.isStarting(steps);
    if (isStarting && !isResult) this.call.awaits();
    const onValue = (value: unknown): unknown => {
      this.patchMembers(value, steps, { isResult, isOutcome: true });
      return value;
    };
    const onError = (error: unknown): void => {
      if (isStarting && isResult) this.call.failed(error);
    };
    const members = plans.flatMap(({ thenableMembers }) => thenableMembers);
    const further = thenableMembersOf(promise, members);
    const handedOut = observe(promise, onValue, onError, plan.preserveUnhandledRejections, { further });
    if (isStarting && isResult) this.call.watch(handedOut);
    return handedOut;
  }

  private isStarting(steps: readonly Step[]): boolean {
    const { starting } = this.options;
    return starting !== undefined && steps.some(({ product }) => product === starting);
  }

  /** @param isOutcome whether a promise was fulfilled with the object: then it is complete, if it is a plain one */
  private patchMembers(
    object: unknown,
    steps: readonly Step[],
    { isResult, isOutcome = false }: { isResult: boolean; isOutcome?: boolean },
  ): void {
    const isStarting = isResult && this.isStarting(steps);
    if (isResult) this.call.made();
    if (isStarting) this.call.settled();
    if (this.factory.isEnabled()) this.patchKeys(object, steps, isOutcome);
    if (isStarting) this.call.patched(object);
  }

  private patchKeys(object: unknown, allSteps: readonly Step[], isOutcome: boolean): void {
    const steps = allSteps.flatMap((step) => (step.path[0]?.isWildcard === true ? membersOf(object, step) : [step]));
    const keys = new Set(steps.map(({ path }) => path[0]?.key as PropertyKey));
    for (const key of keys) {
      const onKey = steps.filter(({ path }) => path[0]?.key === key);
      try {
        const problem = isObjectLike(object) ? this.patchMember(object, key, onKey, isOutcome) : 'missing';
        for (const { product } of onKey) tell(product, problem);
      } catch (error) {
        for (const { product } of onKey) product.failed(`looking at what it made threw ${errorText(error)}`);
      }
    }
  }

  /**
   * Patches a member of one object: never of its prototype, which other objects share.
   *
   * @returns what is wrong with it, if anything is
   */
  private patchMember(object: object, key: PropertyKey, steps: readonly Step[], isOutcome: boolean): Problem {
    const own = Reflect.getOwnPropertyDescriptor(object, key);
    // The factory has made the same object again.
    if (own !== undefined && isForwarding(own)) {
      this.join(own.get as object);
      if (this.isStarting(steps)) this.call.awaits();
      return undefined;
    }
    const descriptor = own ?? findDescriptor(object, key);
    if (descriptor === undefined && types.isProxy(object)) return 'proxy';
    const property: WatchedProperty = { making: this, isShared: false };
    const replace = (value: unknown): unknown => property.making.replace(value, steps, property.isShared);
    let result: EditResult;
    const isUnset = descriptor === undefined || (descriptor.get === undefined && isNothing(descriptor.value));
    if (isUnset) {
      if (isOutcome && isPlain(object)) return descriptor === undefined ? 'missing' : 'unset';
      result = replaceWhenSet(object, key, replace);
    } else result = own === undefined ? replaceInherited(object, key, replace) : replaceProperty(object, key, replace);
    if (result === 'getter') {
      watched.set(Reflect.getOwnPropertyDescriptor(object, key)?.get as object, property);
      if (this.isStarting(steps)) this.call.awaits();
    }
    if (isUnset) return descriptor === undefined ? 'missing' : 'unset';
    return result === 'locked' ? 'locked' : undefined;
  }

  private join(getter: object): void {
    const property = watched.get(getter);
    if (property === undefined || property.making.factory !== this.factory) return;
    property.making = this;
    property.isShared = true;
  }

  /** Called in the program's property reads: never throws. */
  private replace(value: unknown, steps: readonly Step[], isShared: boolean): unknown {
    if (!this.factory.isEnabled()) return value;
    let result = value;
    const further: Step[] = [];
    for (const { product, path } of steps) {
      const [, ...rest] = path;
      if (rest.length > 0) {
        further.push({ product, path: rest });
        continue;
      }
      try {
        result = this.replaceMember(result, product, isShared);
      } catch (error) {
        product.failed(`looking at what it made threw ${errorText(error)}`);
      }
    }
    return this.patchValue(result, further, false);
  }

  private replaceMember(value: unknown, product: FactoryProduct, isShared: boolean): unknown {
    if (typeof value === 'function') {
      product.found();
      return product.trace(value as AnyFunction, product.isOfWildcard ? this.options.args : undefined);
    }
    return this.call.trace(value, product, isShared);
  }
}

/** The functions among the own members that a wildcard takes. Reads no getter. */
function membersOf(object: unknown, { product, path: [pattern] }: Step): Step[] {
  const keys = isObjectLike(object) && !types.isProxy(object) ? Reflect.ownKeys(object) : [];
  const steps: Step[] = [];
  for (const key of keys) {
    if (typeof key !== 'string' || pattern?.matches(key) !== true) continue;
    if (typeof Reflect.getOwnPropertyDescriptor(object as object, key)?.value !== 'function') continue;
    steps.push({ product: product.ofMember(key), path: [namedKey(key)] });
  }
  if (steps.length === 0) tell(product, types.isProxy(object) ? 'proxy' : 'missing');
  return steps;
}

/** `unset`: the member has no value yet. */
type Problem = 'missing' | 'unset' | 'proxy' | 'locked' | undefined;

function tell(product: FactoryProduct, problem: Problem): void {
  const member = product.selector.path.map(({ text }) => text).join('.');
  if (problem === 'missing') product.missing(`what it made has no member ${member}`);
  else if (problem === 'unset') product.unsuitable(undefined);
  else if (problem === 'locked') product.failed('what it made is frozen');
  else if (problem === 'proxy') {
    product.failed(
      `what it made is a Proxy, which may give ${member} when it is read, but has no such member that could be replaced: wrap a function that calls it with traceAsyncGenerator`,
    );
  }
}

/** Whether a member is yet to be set. */
const isNothing = (value: unknown): boolean => value === undefined || value === null;

function isPlain(object: object): boolean {
  const prototype = Reflect.getPrototypeOf(object);
  return prototype === null || Reflect.getPrototypeOf(prototype) === null;
}
