import { classNameOf, isObjectLike } from '../base/intrinsics';
import type { PresetTarget } from '../targets/target';

/**
 * A named list of targets, and what is known of their packages. `definePreset` checks one.
 */
export interface Preset {
  /** What reports call it. */
  readonly name: string;
  readonly targets: readonly PresetTarget[];
}

/** A preset that comes with this package. */
export interface OwnPreset extends Preset {
  /** What is traced, in a few words that a list has room for. */
  readonly traces: string;
  /** What its spans are called: an example, or several with `, ` between them. */
  readonly spans: string;
  /** Modules of which it traces something by way of the packages of its targets, which they use. */
  readonly users?: { readonly modules: RegExp; readonly versions?: string };
}

/** A property of what a program has passed, which may be anything. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const key of path) {
    if (!isObjectLike(found)) return undefined;
    found = (found as unknown as Record<string | number, unknown>)[key];
  }
  return found;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** What an item says of an error, for clients whose items say it in fields of their own. */
export const toldError = (name: string, message: unknown): { readonly name: string; readonly message: string } => ({
  name,
  message: typeof message === 'string' && message !== '' ? message : name,
});

/** Adds what a turn has used to what those before it have. */
export const sum = (before: number | undefined, more: number | undefined): number | undefined =>
  more === undefined ? before : (before ?? 0) + more;

/** The name of the class of an object, or of what it inherits from. */
export function classOf(value: unknown): string | undefined {
  const name: unknown = isObjectLike(value) ? classNameOf(value) : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
