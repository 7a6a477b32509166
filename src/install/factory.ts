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
import type { Tracing } from '../trace/record';
import { innermostOf, originalOf } from '../trace/wrappers';
import { isForwarding, replaceInherited, replaceProperty, replaceWhenSet, type EditResult } from './edit';
import { findDescriptor } from './keys';
import { kindOf, type Claim } from './select';

type Arguments = readonly unknown[];

/** The scope, as far as it matters here. */
interface Switch {
  readonly enabled: boolean;
}

/** What traces products, and reports them: the installer of the module that the factory is in. */
export interface ProductOwner {
  tracingOf(claim: Claim): Tracing;
  trace(fn: AnyFunction, claim: Claim, factoryArgs?: Arguments): AnyFunction;
  failedLater(claim: Claim, reason: string): void;
  /** What was reported as failed has not failed. */
  recovered(claim: Claim, reason: string): void;
}

/** One thing to trace in what a factory makes, and what has become of it. */
export class FactoryProduct implements StreamProperty {
  readonly selector: FactorySelector;
  private knownTracing: Tracing | undefined;
  private isFound = false;
  /** By member that the wildcard has taken. */
  private readonly members = new Map<string, FactoryProduct>();
  private readonly absences: string[] = [];

  /** @param wildcard the product of the wildcard that has taken this member */
  constructor(
    private readonly claim: Claim,
    private readonly owner: ProductOwner,
    private readonly wildcard?: FactoryProduct,
  ) {
    this.selector = claim.selector.factory as FactorySelector;
  }

  get target(): Target {
    return this.claim.target;
  }

  get tracing(): Tracing {
    return (this.knownTracing ??= this.owner.tracingOf(this.claim));
  }

  get isOfWildcard(): boolean {
    return this.wildcard !== undefined;
  }

  /** The product of one of the members that a wildcard takes. */
  ofMember(key: string): FactoryProduct {
    let member = this.members.get(key);
    if (member === undefined) {
      const { claim, owner, selector } = this;
      // Its runs are called after the member.
      const factory = { ...selector, path: [...selector.path.slice(0, -1), namedKey(key)] };
      member = new FactoryProduct({ ...claim, selector: { ...claim.selector, factory } }, owner, this);
      this.members.set(key, member);
    }
    return member;
  }

  /**
   * The traced function for one that the factory has made.
   *
   * @param factoryArgs only for the function that the factory returned, and for members that a wildcard takes. A named member is often one
   *   function for many objects
   */
  trace(fn: AnyFunction, factoryArgs?: Arguments): AnyFunction {
    return this.owner.trace(fn, this.claim, factoryArgs);
  }

  found(): void {
    this.wildcard?.found();
    if (this.isFound) return;
    this.isFound = true;
    for (const reason of this.absences.splice(0)) this.owner.recovered(this.claim, reason);
  }

  failed(reason: string): void {
    // The report knows selectors as they are written.
    if (this.wildcard !== undefined) this.wildcard.failed(reason);
    else this.owner.failedLater(this.claim, reason);
  }

  /** Only some results may have it. If none has, the selector may be wrong, unless it is a preset's. */
  missing(reason: string): void {
    if (this.isFound || this.claim.target.preset !== undefined || this.absences.includes(reason)) return;
    this.absences.push(reason);
    this.failed(reason);
  }

  unsuitable(value: unknown): void {
    if (isNothing(value) && this.absences.length > 0) return;
    this.missing(`what it names is ${kindOf(value)}, neither a function nor a stream`);
  }
}

/** The factories of an instrumentation. */
export class Factories {
  /** By factory and by its replacement, so that every way to reach it leads to the same one. */
  private readonly known = new WeakMap<AnyFunction, Factory>();

  constructor(private readonly scope: Switch) {}

  /** Whether the function replaces a factory. */
  hasReplacement(fn: unknown): fn is AnyFunction {
    return typeof fn === 'function' && this.known.get(fn as AnyFunction)?.proxy === fn;
  }

  /** The replacement of a factory: it calls the factory and patches what that makes. */
  replace(fn: AnyFunction, products: readonly FactoryProduct[]): AnyFunction {
    const factory = this.known.get(fn) ?? new Factory(fn, this.scope);
    this.known.set(fn, factory).set(factory.proxy, factory);
    for (const product of products) {
      const known = factory.products[product.selector.construct ? 'constructed' : 'called'];
      if (!known.some(({ selector }) => selector === product.selector)) known.push(product);
    }
    return factory.proxy;
  }
}

class Factory extends FunctionProxy {
  /** Looked at with every call: selectors that lead to the factory by another of its names add to them. */
  readonly products: Record<'called' | 'constructed', FactoryProduct[]> = { called: [], constructed: [] };

  constructor(
    factory: AnyFunction,
    readonly scope: Switch,
  ) {
    super(factory);
  }

  /** Whether another instrumentation has wrapped it, which may say what it asks of a model. */
  private get isSaidBelow(): boolean {
    return innermostOf(this.original) !== originalOf(this.original);
  }

  apply(_target: AnyFunction, thisArg: unknown, args: Arguments): unknown {
    const called = this.scope.enabled ? this.products.called.filter((product) => isMadeBy(product, args)) : [];
    if (called.length === 0) return reflectApply(this.original, thisArg, args);
    const starting = startingWithCall(called);
    const call = new FactoryCall(thisArg, args, this.isSaidBelow);
    const made = call.invoke(this.original, starting?.tracing);
    return new Making(this, call, args, starting).patch(made, called);
  }

  override construct = (_target: AnyFunction, args: Arguments, newTarget: AnyFunction): object => {
    const { original, proxy } = this;
    const { constructed } = this.products;
    const call =
      constructed.length > 0 && this.scope.enabled ? new FactoryCall(undefined, args, this.isSaidBelow) : undefined;
    // `new.target` is the class itself, as untraced, or the subclass.
    const made = reflectConstruct(original, args, newTarget === proxy ? original : newTarget);
    return call === undefined ? made : (new Making(this, call).patch(made, constructed) as object);
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

/** What becomes of the result of one call. */
class Making {
  /**
   * @param args of the call, where the function that it returned is to know them
   * @param starting the product whose run has begun with the call
   */
  constructor(
    private readonly factory: Factory,
    private readonly call: FactoryCall,
    private readonly args?: Arguments,
    private readonly starting?: FactoryProduct,
  ) {}

  /** @returns what to hand to the program in place of `made` */
  patch(made: unknown, products: readonly FactoryProduct[]): unknown {
    if (!this.factory.scope.enabled) return made;
    let result = made;
    const steps: Step[] = [];
    for (const product of products) {
      const { path } = product.selector;
      if (path.length === 0) result = this.patchFunction(result, product);
      else steps.push({ product, path });
    }
    return this.patchValue(result, steps, true);
  }

  private patchFunction(made: unknown, product: FactoryProduct): unknown {
    if (typeof made === 'function') return product.trace(made as AnyFunction, this.args);
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
    return steps.some(({ product }) => product === this.starting);
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
    if (this.factory.scope.enabled) this.patchKeys(object, steps, isOutcome);
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
    if (!this.factory.scope.enabled) return value;
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
      return product.trace(value as AnyFunction, product.isOfWildcard ? this.args : undefined);
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
