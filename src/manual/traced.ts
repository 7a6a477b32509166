/**
 * Tracing by hand: of a function, and of a method by a decorator.
 */
import { invalid } from '../base/invalid';
import type { AnyFunction } from '../base/intrinsics';
import type { Tracing } from '../trace/record';
import { traceFunctionAlone, type TracedState } from '../trace/traced-function';
import { read } from '../telemetry/errors';
import { joinPath } from '../targets/selector';
import type { ItemOf, TraceOptions } from '../types';
import { createManualPlan, manualScope } from './options';

/**
 * Traces a function by hand, for code that no target can reach (loaded by a test runner, evaluated).
 *
 * The returned function behaves as `fn` does, within the documented limits. Every run of a generator that it makes has one span.
 *
 * @param fn an async-generator function, or any function that returns an async iterable or a promise of one
 * @param options see `TraceOptions`; the span is called after the function unless `spanName` says otherwise
 * @returns a function of the same type
 * @throws TypeError if `fn` is not a function or the options are malformed
 * @example
 * const readLines = traceAsyncGenerator(
 *   async function* readLines(file: string) {
 *     for await (const line of createInterface(createReadStream(file))) yield line;
 *   },
 *   {
 *     spanName: 'read lines',
 *     onStart: (span, { args: [file] }) => span.setAttribute('app.file', file),
 *     onItem: (span, line) => span.addEvent('line', { length: line.length }),
 *   },
 * );
 */
export function traceAsyncGenerator<Fn extends (...args: never[]) => unknown>(
  fn: Fn,
  options: TraceOptions<ItemOf<ReturnType<Fn>>, Parameters<Fn>> = {},
): Fn {
  if (typeof fn !== 'function') throw invalid('fn', fn, 'a function');
  const tracing = { plan: createManualPlan(options as TraceOptions, fn.name || 'anonymous'), scope: manualScope };
  return traceFunctionAlone(fn as unknown as AnyFunction, { tracing }) as unknown as Fn;
}

type Method = (...args: never[]) => unknown;

/** What `@traced()` is: a standard (TC39) method decorator, and one of TypeScript's `experimentalDecorators`. */
export interface TracedDecorator {
  <Fn extends Method>(method: Fn, context: ClassMethodDecoratorContext): Fn;
  <Fn extends Method>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<Fn>): void;
}

/**
 * Decorates a method, of instances or static, so that every run of a generator that it makes has one span. `@traced` without parentheses is `@traced()`.
 *
 * @param options see `TraceOptions`; the span is called `Class.method` unless `spanName` says otherwise. The types of items
 *   in hooks have to be declared, as in `onItem: (span, item: string) => ...`
 * @throws TypeError if the options are malformed, or if it decorates anything but a method
 * @example
 * class Feed {
 *   \@traced({ attributes: { 'app.feed': 'news' } })
 *   async *items() {
 *     yield 'news';
 *   }
 * }
 */
export function traced<Fn extends Method>(method: Fn, context: ClassMethodDecoratorContext): Fn;
export function traced<Fn extends Method>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Fn>,
): void;
export function traced<Item = unknown>(options?: TraceOptions<Item>): TracedDecorator;
export function traced(...args: unknown[]): unknown {
  if (args.length > 1) return decoratorWith({})(args[0], args[1], args[2] as PropertyDescriptor | undefined);
  const [options = {}] = args as [TraceOptions?];
  // Checked here already, so that the error points at the decorator.
  createManualPlan(options, 'method');
  return decoratorWith(options);
}

const decoratorWith =
  (options: TraceOptions) =>
  (target: unknown, context: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor !== undefined) {
      decorateProperty(options, target as object, context as PropertyKey, descriptor);
      return undefined;
    }
    const { kind, name } = (context ?? {}) as Partial<ClassMethodDecoratorContext>;
    if (kind !== 'method' || typeof target !== 'function') {
      throw invalid('@traced()', kind ?? context, 'to decorate a method');
    }
    return decorateMethod(options, target as AnyFunction, name as PropertyKey, context as ClassMethodDecoratorContext);
  };

/** `experimentalDecorators`: the class is known. */
function decorateProperty(
  options: TraceOptions,
  target: object,
  key: PropertyKey,
  descriptor: PropertyDescriptor,
): void {
  if (typeof descriptor.value !== 'function') throw invalid('@traced()', key, 'to decorate a method');
  const path = joinPath(nameOf(classOf(target)), key);
  descriptor.value = traceFunctionAlone(descriptor.value as AnyFunction, { tracing: createTracing(options, path) });
}

/** Standard decorators: the class does not exist yet, and has a name only once it does. */
function decorateMethod(
  options: TraceOptions,
  method: AnyFunction,
  key: PropertyKey,
  context: ClassMethodDecoratorContext,
): AnyFunction {
  const state = new MethodState(options, key);
  const replacement = traceFunctionAlone(method, state);
  let isOwned = false;
  context.addInitializer(function (this: unknown) {
    if (isOwned) return;
    isOwned = true;
    state.ownedBy(ownerOf(this as object, key, replacement));
  });
  return replacement;
}

/** Asks a class for its name when the method is called: esbuild (so tsx) gives it one after the initializers of static methods. */
class MethodState implements TracedState {
  readonly #options: TraceOptions;
  readonly #key: PropertyKey;
  #class: unknown;
  #tracing: Tracing | undefined;

  constructor(options: TraceOptions, key: PropertyKey) {
    this.#options = options;
    this.#key = key;
  }

  /** @param owner what has the method: not kept, since that of a private one is an instance */
  ownedBy(owner: object): void {
    this.#class = classOf(owner);
    this.#tracing = undefined;
  }

  get tracing(): Tracing {
    return (this.#tracing ??= createTracing(this.#options, joinPath(nameOf(this.#class), this.#key)));
  }

  set tracing(tracing: Tracing) {
    this.#tracing = tracing;
  }
}

function createTracing(options: TraceOptions, path: string): Tracing {
  return { plan: createManualPlan(options, path), scope: manualScope };
}

/** The object that defines the method: the class that it is written in, not a subclass of it. A private one has none. */
function ownerOf(self: object, key: PropertyKey, method: AnyFunction): object {
  for (let owner: object | null = self; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    if (Reflect.getOwnPropertyDescriptor(owner, key)?.value === method) return owner;
  }
  return self;
}

/** @param owner a class, or what has the methods of its instances */
function classOf(owner: object): unknown {
  return typeof owner === 'function' ? owner : read(owner, 'constructor');
}

/** Empty where there is none: `static name` may be anything. */
function nameOf(constructor: unknown): string {
  const name = typeof constructor === 'function' ? read(constructor, 'name') : undefined;
  return typeof name === 'string' ? name : '';
}
