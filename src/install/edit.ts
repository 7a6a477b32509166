/**
 * The only code that writes on objects of others: it replaces the value or the getter of a property, the binding of an ES module, or the
 * exports of a module, and puts back what was there.
 */
import { types } from 'node:util';
import { sharedByCopies } from '../base/registry';
import { isObjectLike, type AnyFunction } from '../base/intrinsics';
import { layWrapperOver, removeLayer } from '../trace/function-proxy';
import { findDescriptor } from './keys';

/** Gives the replacement of a value; the value itself if there is none. */
export type Replace = (value: unknown) => unknown;

/** `locked`: only a replacement of the whole object would help. `unchanged`: there was nothing to replace. */
export type EditResult = 'property' | 'getter' | 'binding' | 'locked' | 'unchanged';

/** A value or a getter that an edit has put in a place. */
interface Layer {
  readonly replacement: unknown;
  /** What was there. Undefined where the property was inherited. */
  readonly before: PropertyDescriptor | undefined;
  /** The owner of the edit. Undefined for what is never undone. */
  by: object | undefined;
  /** Whether its owner has undone it while something else was above it, or has put another one over it. */
  isUndone: boolean;
  /** What was above it when it was undone. */
  above?: unknown;
}

/** By object and property. Shared, because copies of this package replace each other's getters and exports. */
const allLayers = sharedByCopies('layers.v1', () => new WeakMap<object, Map<PropertyKey, Layer[]>>());

const layersOn = (holder: object, key: PropertyKey): readonly Layer[] => allLayers.get(holder)?.get(key) ?? [];

function setLayers(holder: object, key: PropertyKey, layers: Layer[]): void {
  const byKey = allLayers.get(holder) ?? new Map<PropertyKey, Layer[]>();
  if (layers.length === 0) byKey.delete(key);
  else allLayers.set(holder, byKey.set(key, layers));
}

/** The edits of one module, as a stack. */
export class Edits {
  private readonly stack: Edit[] = [];
  private readonly getters = new WeakSet();

  /** @param by the owner, which may have several of these */
  constructor(private readonly by: object) {}

  /** Replaces the value of an own property. */
  property(holder: object, key: PropertyKey, replace: Replace): EditResult {
    return this.make(new Edit({ holder, key, kind: 'property' }, replace, this.by));
  }

  /** Replaces the value of a binding of an ES module, by way of import-in-the-middle's namespace. */
  binding(namespace: object, key: PropertyKey, replace: Replace): EditResult {
    return this.make(new Edit({ holder: namespace, key, kind: 'binding' }, replace, this.by));
  }

  /** Replaces the exports of a CommonJS module. */
  exports(module: object, exports: object): void {
    this.make(new Edit({ holder: module, key: 'exports', kind: 'exports' }, () => exports, this.by));
  }

  /** Replaces the value of an inherited property, by an own one. */
  inherited(object: object, key: PropertyKey, replace: Replace): EditResult {
    return this.make(new InheritedEdit({ holder: object, key, kind: 'property' }, replace, this.by));
  }

  private make(edit: Edit): EditResult {
    const result = edit.apply();
    if (result === 'locked' || result === 'unchanged') return result;
    this.stack.push(edit);
    if (result === 'getter') this.getters.add(edit.replacement as object);
    return result;
  }

  /** Whether these edits have put the getter in its place. */
  hasGetter(getter: object): boolean {
    return this.getters.has(getter);
  }

  /** Whether `undo` found the value above the owner's: that is below it still, and works again when its owner is enabled. */
  wasAbove(holder: object, key: PropertyKey, value: unknown): boolean {
    return value !== undefined && layersOn(holder, key).some(({ by, above }) => by === this.by && above === value);
  }

  /** Whether the value is not the one that the owner has replaced. */
  isOther(holder: object, key: PropertyKey, value: unknown): boolean {
    const layer = layersOn(holder, key).findLast(({ by, isUndone }) => by === this.by && !isUndone);
    return layer !== undefined && layer.before?.get === undefined && layer.before?.value !== value;
  }

  /** Puts back what was there, unless something else is there now. */
  undo(): void {
    for (let edit = this.stack.pop(); edit !== undefined; edit = this.stack.pop()) edit.undo();
  }
}

/** The exports of a CommonJS module, then what they have replaced, down to what the module itself has made. */
export function exportsAndBelow(module: object): unknown[] {
  const found = [Reflect.get(module, 'exports') as unknown];
  for (const { replacement, before } of layersOn(module, 'exports').toReversed()) {
    if (replacement === found.at(-1)) found.push(before?.value);
  }
  return found;
}

/** Replaces the value of an own property of an object that the program has just made, for good. */
export function replaceProperty(holder: object, key: PropertyKey, replace: Replace): EditResult {
  return new Edit({ holder, key, kind: 'property' }, replace).apply();
}

/** The same for an inherited property, which gets an own one in front of it. */
export function replaceInherited(object: object, key: PropertyKey, replace: Replace): EditResult {
  return new InheritedEdit({ holder: object, key, kind: 'property' }, replace).apply();
}

/**
 * The same for a property without a value: the value that the program sets is replaced. From then on it is an ordinary property. Until then it
 * exists, and is enumerable only if it was before.
 */
export function replaceWhenSet(object: object, key: PropertyKey, replace: Replace): EditResult {
  const before = Reflect.getOwnPropertyDescriptor(object, key);
  const isFixed = before === undefined ? !Object.isExtensible(object) : !before.configurable || !before.writable;
  if (isFixed) return 'locked';
  const { enumerable = true } = before ?? {};
  const set = function (this: object, value: unknown): void {
    Object.defineProperty(this, key, { value: replace(value), writable: true, enumerable, configurable: true });
    if (this === object && (value === undefined || value === null)) replaceWhenSet(object, key, replace);
  };
  const get = forwardingGetter(() => before?.value as unknown, replace);
  Object.defineProperty(object, key, { get, set, enumerable: before?.enumerable ?? false, configurable: true });
  return 'getter';
}

interface Place {
  readonly holder: object;
  readonly key: PropertyKey;
  readonly kind: 'property' | 'binding' | 'exports';
}

function read({ holder, key, kind }: Place): PropertyDescriptor | undefined {
  if (kind === 'property') return Reflect.getOwnPropertyDescriptor(holder, key);
  return { value: Reflect.get(holder, key) as unknown, writable: true };
}

function write({ holder, key, kind }: Place, descriptor: PropertyDescriptor | undefined): boolean {
  if (descriptor === undefined) return Reflect.deleteProperty(holder, key);
  if (kind === 'property') return Reflect.defineProperty(holder, key, descriptor);
  if (kind === 'exports') replaceRemembered(holder, descriptor.value);
  return Reflect.set(holder, key, descriptor.value);
}

/**
 * What require-in-the-middle, which every instrumentation of OpenTelemetry brings along, remembers on the module object: it would go on
 * to give out the old exports.
 */
function replaceRemembered(module: object, exports: unknown): void {
  const slots = module as Record<PropertyKey, unknown>;
  for (const key of Object.getOwnPropertySymbols(module)) {
    if (key.description === 'RitmExports' && slots[key] === slots.exports) slots[key] = exports;
  }
}

const valueOf = (descriptor?: PropertyDescriptor): unknown => descriptor?.get ?? descriptor?.value;

class Edit {
  private layer: Layer | undefined;

  constructor(
    protected readonly place: Place,
    protected readonly replace: Replace,
    /** Undefined for what is never undone. */
    private readonly by?: object,
  ) {}

  get replacement(): unknown {
    return this.layer?.replacement;
  }

  /** May be called again: a getter has put a value in its place, or another's wrapper has been taken off. */
  apply(): EditResult {
    const descriptor = read(this.place);
    if (descriptor === undefined) return 'unchanged';
    return descriptor.get === undefined ? this.replaceValue(descriptor) : this.replaceGetter(descriptor);
  }

  private replaceValue(descriptor: PropertyDescriptor): EditResult {
    const { place } = this;
    const original: unknown = descriptor.value;
    const replacement = this.replace(original);
    if (replacement === original) return this.reclaim(original);
    const isFixed = !descriptor.configurable && !descriptor.writable;
    if (isFixed || types.isModuleNamespaceObject(place.holder)) return 'locked';
    if (!this.put(descriptor, { ...descriptor, value: replacement })) return 'locked';
    if (place.kind === 'property') layWrapperOver(replacement as AnyFunction, original, this.overWrapper);
    return this.method;
  }

  /** The replacement is there already. If it was undone while something was above it, it can be undone now. */
  private reclaim(value: unknown): EditResult {
    const { by, place } = this;
    const undone = layersOn(place.holder, place.key).find((layer) => layer.isUndone && layer.replacement === value);
    if (undone === undefined || by === undefined) return 'unchanged';
    this.layer = Object.assign(undone, { by, isUndone: false, above: undefined });
    return this.method;
  }

  /** The getter may be lazy, throw, or change its mind: it is asked when the program asks, and not before. */
  private replaceGetter(descriptor: PropertyDescriptor): EditResult {
    if (!descriptor.configurable) return 'locked';
    const { place, replace } = this;
    const getter = descriptor.get as (this: unknown) => unknown;
    const isThere = () => read(place)?.get === get;
    const renew = () => this.apply();
    const get = forwardingGetter(function (this: unknown) {
      const wasThere = isThere();
      const value = getter.call(this);
      // Many lazy getters put the value in their own place, or on the object that inherits them.
      if (wasThere && read(place)?.get === undefined) renew();
      else if (this !== place.holder && isObjectLike(this)) replaceMemo(this, place.key, value, replace);
      return value;
    }, replace);
    return this.put(descriptor, { ...descriptor, get }) ? 'getter' : 'locked';
  }

  protected put(before: PropertyDescriptor | undefined, after: PropertyDescriptor): boolean {
    const { by, place } = this;
    if (!write(place, after)) return false;
    this.layer = { replacement: valueOf(after), before, by, isUndone: false };
    if (by !== undefined) {
      const below = valueOf(before);
      const layers = layersOn(place.holder, place.key).filter((layer) => {
        if (layer.by !== by || layer.isUndone) return true;
        // The program has replaced it, unless it is what this one replaces.
        layer.isUndone = true;
        return layer.replacement === below;
      });
      setLayers(place.holder, place.key, [...layers, this.layer]);
    }
    return true;
  }

  undo(): void {
    removeLayer(this.replacement as AnyFunction, this.overWrapper);
    if (this.layer === undefined || this.layer.isUndone || this.putBack()) return;
    this.layer.isUndone = true;
    this.layer.above = valueOf(read(this.place));
  }

  /**
   * Puts back what was there; if that is another layer, which has been undone, what was there before that.
   *
   * @returns false if something else is there now
   */
  private putBack(): boolean {
    const { place } = this;
    let { layer } = this;
    if (layer === undefined || valueOf(read(place)) !== layer.replacement) return false;
    const layers = layersOn(place.holder, place.key);
    const gone = new Set<Layer>();
    let before: PropertyDescriptor | undefined;
    do {
      gone.add(layer);
      ({ before } = layer);
      const below = valueOf(before);
      layer = layers.find((each) => each.isUndone && each.replacement === below && !gone.has(each));
    } while (layer !== undefined);
    setLayers(
      place.holder,
      place.key,
      layers.filter((each) => !gone.has(each)),
    );
    return write(place, before);
  }

  /** For the owner of a wrapper below, who may want to take that off. */
  private readonly overWrapper = { takeOff: () => this.putBack(), putOn: () => void this.apply() };

  private get method(): 'property' | 'binding' {
    return this.place.kind === 'binding' ? 'binding' : 'property';
  }
}

class InheritedEdit extends Edit {
  override apply(): EditResult {
    const { place, replace } = this;
    const inherited = findDescriptor(place.holder, place.key);
    if (inherited === undefined) return 'unchanged';
    const { get, set } = inherited;
    const own: PropertyDescriptor =
      get === undefined
        ? { value: replace(inherited.value), writable: true }
        : { get: forwardingGetter(get, replace), set };
    if (get === undefined && own.value === inherited.value) return 'unchanged';
    if (!this.put(undefined, { ...own, configurable: true, enumerable: false })) return 'locked';
    return get === undefined ? 'property' : 'getter';
  }
}

/** Replaces what an inherited getter has just put on the object that inherits it. */
function replaceMemo(object: object, key: PropertyKey, value: unknown, replace: Replace): void {
  if (typeof value === 'function' && Reflect.getOwnPropertyDescriptor(object, key)?.value === value) {
    replaceProperty(object, key, replace);
  }
}

const forwardingGetters = new WeakSet<object>();

/** A getter that gives the replacement of what `getter` gives. */
export function forwardingGetter(getter: (this: unknown) => unknown, replace: Replace): () => unknown {
  const forwarding = {
    get(this: unknown) {
      return replace(getter.call(this));
    },
  }.get;
  forwardingGetters.add(forwarding);
  return forwarding;
}

/** Whether the property has such a getter: reading it runs code of the program. */
export function isForwarding({ get }: PropertyDescriptor): boolean {
  return get !== undefined && forwardingGetters.has(get);
}
