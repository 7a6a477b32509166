/**
 * Patterns of definition paths, by which selectors name the functions that are written in a file: `pages`, `Client#pages`, `outer/inner`.
 * For the grammar see selector.ts.
 */
import { compileName, matches, type WildcardPattern } from './wildcards';

export interface DefinitionPattern {
  /** Whether it takes async generators only, where a name takes any function. */
  readonly isWildcard: boolean;
  /** What a source must contain that defines what is meant. Empty for a wildcard. */
  readonly name: string;
  matches(definitionPath: string): boolean;
}

/** A key, and what stands in front of it: nothing, `.` or `#`. */
interface Key {
  readonly separator: string;
  readonly text: string;
}

type Step = typeof ANY_STEPS | readonly (Key & { readonly pattern: WildcardPattern })[];

const ANY_STEPS = '**';
const NAME = String.raw`[^\s.#,;()[\]/]+`;
const COMPUTED = String.raw`\[${NAME}(?:\.${NAME})*\]`;
const STEP = new RegExp(String.raw`^${NAME}(?:\.${NAME})*(?:[.#](?:#?${NAME}|${COMPUTED}))?$`);
const KEYS = /([.#]?)(#?(?:\[[^\]]*\]|[^.#[\]])+)/g;
const SLASH = /\/(?![^[]*\])/;

/** @returns undefined if `text` is no pattern of definition paths */
export function parseDefinitionPattern(text: string): DefinitionPattern | undefined {
  const parts = text.split(SLASH);
  if (!parts.every((part) => part === ANY_STEPS || (STEP.test(part) && hasKnownSymbols(part)))) return undefined;
  const steps = parts.map((part): Step =>
    part === ANY_STEPS ? ANY_STEPS : keysOf(part).map((key) => ({ ...key, pattern: compileName(key.text) })),
  );
  const isWildcard = text.includes('*');
  return {
    isWildcard,
    name: isWildcard ? '' : (/[^.#[\]/]+(?=\]?$)/.exec(text)?.[0] ?? ''),
    matches: (path) => matchSteps(steps, 0, path.split(SLASH).map(keysOf), 0),
  };
}

function hasKnownSymbols(step: string): boolean {
  const symbols = Array.from(step.matchAll(/\[Symbol\.([^\]]*)\]/g), ([, name = '']) => name);
  return symbols.every((name) => typeof (Symbol as unknown as Record<string, unknown>)[name] === 'symbol');
}

function keysOf(step: string): Key[] {
  return Array.from(step.matchAll(KEYS), ([, separator = '', text = '']) => ({ separator, text }));
}

function matchSteps(steps: readonly Step[], at: number, path: readonly (readonly Key[])[], from: number): boolean {
  const step = steps[at];
  if (step === undefined) return from === path.length;
  if (step !== ANY_STEPS) {
    const keys = path[from];
    return keys !== undefined && matchKeys(step, keys) && matchSteps(steps, at + 1, path, from + 1);
  }
  // At the end, what is below is meant, and not what is named before.
  for (let next = at + 1 === steps.length ? from + 1 : from; next <= path.length; next++) {
    if (matchSteps(steps, at + 1, path, next)) return true;
  }
  return false;
}

function matchKeys(step: Exclude<Step, string>, keys: readonly Key[]): boolean {
  return (
    step.length === keys.length &&
    step.every(({ separator, pattern }, index) => {
      const key = keys[index] as Key;
      return separator === key.separator && matches(pattern, key.text);
    })
  );
}
