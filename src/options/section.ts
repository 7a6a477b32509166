/**
 * The section of a configuration file that is ours: plain data with snake_case keys, from whoever could write that file.
 * What schema/async-generator.schema.json says of it, an editor can check; both are tested against each other.
 *
 * A mistake costs as little as possible: an option with a bad value counts as not set, and a target with a mistake
 * anywhere is left out as a whole, since half of it could mean more than all of it (`exports` with a typing error
 * would leave a target that traces everything).
 */
import { SpanKind } from '@opentelemetry/api';
import { splitShorthands } from '../targets/shorthand';
import type { AsyncGeneratorInstrumentationConfig, PresetName, TargetConfig } from '../types';
import { invalid } from './invalid';
import { isPresetName, splitPresets, unknownPreset } from './presets';
import { describeUnknown } from './unknown-key';
import { checkCount, resolveConfig } from './validate';

/** What one source (environment, file) says. What it does not say is undefined. */
export interface ConfigLayer extends Pick<
  AsyncGeneratorInstrumentationConfig,
  'targets' | 'timing' | 'contextFrom' | 'preserveUnhandledRejections' | 'requireParentSpan'
> {
  presets?: readonly PresetName[] | 'all';
  enabled?: boolean;
  /** For `register` alone. In milliseconds. */
  exitTimeout?: number;
}

/** Where a value stands, and what to do with what is wrong about it. */
export interface Place {
  /** The file, as the user called it, or the environment variable. */
  readonly source: string;
  /** In the file: `targets[2].exports`. Empty for the whole of it. */
  readonly path: string;
  /** Where relative paths in targets start. */
  readonly baseDir: string;
  readonly problems: string[];
}

const whereIs = ({ source, path }: Place) => (path === '' ? source : `${source}: ${path}`);
const below = (place: Place, key: string) => ({ ...place, path: place.path === '' ? key : `${place.path}.${key}` });
const atIndex = (place: Place, index: number) => ({ ...place, path: `${place.path}[${index}]` });

type Values = Readonly<Record<string, unknown>>;
/** Gives the value as the instrumentation takes it, and throws a TypeError if that would not. */
type Read = (value: unknown, place: Place) => unknown;

const read =
  (isValid: (value: unknown) => boolean, allowed: string): Read =>
  (value, place) => {
    if (!isValid(value)) throw invalid(whereIs(place), value, allowed);
    return value;
  };

const boolean = read((value) => typeof value === 'boolean', 'true or false');
export const TIMEOUT = 'a number of milliseconds, 0 or more';
export const isTimeout = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const oneOf = (...words: string[]) =>
  read((value) => words.includes(value as string), words.map((word) => `"${word}"`).join(' or '));
const asItIs: Read = (value) => value;

const SPAN_KINDS = new Map<unknown, SpanKind>([
  ['internal', SpanKind.INTERNAL],
  ['server', SpanKind.SERVER],
  ['client', SpanKind.CLIENT],
  ['producer', SpanKind.PRODUCER],
  ['consumer', SpanKind.CONSUMER],
]);

interface Key<Option> {
  /** What it is called in code. */
  readonly option: Option;
  readonly read: Read;
}

const TARGET_KEYS: Readonly<Record<string, Key<keyof TargetConfig>>> = {
  // Those that are checked with the target as a whole, by the very code that checks it in programs.
  module: { option: 'module', read: asItIs },
  exports: { option: 'exports', read: asItIs },
  exclude: { option: 'exclude', read: asItIs },
  versions: { option: 'versions', read: asItIs },
  attributes: { option: 'attributes', read: asItIs },
  // Those that are called otherwise in programs, or are something else there.
  span_name: {
    option: 'spanName',
    read: read((value) => typeof value === 'string' && value !== '', 'a string that is not empty'),
  },
  span_kind: {
    option: 'spanKind',
    read(value, place) {
      const kind = SPAN_KINDS.get(value);
      return kind ?? oneOf(...([...SPAN_KINDS.keys()] as string[]))(value, place);
    },
  },
  start_on: { option: 'startOn', read: oneOf('pull', 'call') },
  thenable_members: { option: 'thenableMembers', read: asItIs },
};

const SECTION_KEYS: Readonly<Record<string, Key<keyof ConfigLayer>>> = {
  targets: { option: 'targets', read: readTargets },
  presets: { option: 'presets', read: readPresets },
  enabled: { option: 'enabled', read: boolean },
  timing: { option: 'timing', read: boolean },
  context_from: { option: 'contextFrom', read: oneOf('pull', 'creation') },
  preserve_unhandled_rejections: { option: 'preserveUnhandledRejections', read: boolean },
  require_parent_span: { option: 'requireParentSpan', read: boolean },
  exit_timeout: { option: 'exitTimeout', read: read(isTimeout, TIMEOUT) },
};

/** Reads the section. Never throws. */
export function readSection(value: unknown, place: Place): ConfigLayer {
  if (value === null || value === undefined) return {};
  return (
    attempt(place.problems, () => {
      const { $schema: _forEditors, ...values } = expectMapping(value, place);
      return readKeys(values, SECTION_KEYS, place);
    }) ?? {}
  );
}

/** A list of shorthands with `;` between them. */
export function readShorthands(text: string, place: Place): string[] | undefined {
  const entries = attempt(place.problems, () => {
    const split = splitShorthands(text, whereIs(place));
    checkCount(whereIs(place), split);
    return split;
  });
  if (entries === undefined) return undefined;
  const valid = entries.filter((entry) => attempt(place.problems, () => (checkTarget(entry, place), true)));
  return valid.length === 0 ? undefined : valid;
}

/** A list of names with `,` between them, or `all`. */
export function readPresetNames(text: string, place: Place): PresetName[] | 'all' | undefined {
  return namesOf(splitPresets(text), () => place);
}

function readTargets(value: unknown, place: Place): ConfigLayer['targets'] {
  if (typeof value === 'string') return readShorthands(value, place);
  if (!Array.isArray(value)) throw invalid(whereIs(place), value, 'an array of targets, or a string of shorthands');
  checkCount(whereIs(place), value);
  const targets = value.flatMap((target: unknown, index) => {
    return attempt(place.problems, () => [readTarget(target, atIndex(place, index))]) ?? [];
  });
  return value.length > 0 && targets.length === 0 ? undefined : targets;
}

function readTarget(value: unknown, place: Place): string | TargetConfig {
  if (typeof value === 'string') {
    checkTarget(value, place);
    return value;
  }
  const values = expectMapping(value, place, 'a shorthand such as "module[selector,...]", or a target object');
  const mistakes: string[] = [];
  const target = readKeys(values, TARGET_KEYS, { ...place, problems: mistakes }) as unknown as TargetConfig;
  if (mistakes.length > 0) throw new TypeError(mistakes.join('; '));
  checkTarget(target, place);
  return target;
}

/** Asks the code that is going to get the target. */
function checkTarget(target: string | TargetConfig, place: Place): void {
  try {
    resolveConfig({ targets: [target], baseDir: place.baseDir });
  } catch (error) {
    // A shorthand has no keys: there the value says which part of it is meant.
    const path = typeof target === 'string' ? /^targets\[0\](?:\.\w+(?:\[\d+\])?)?/ : /^targets\[0\]/;
    throw new TypeError(
      (error as TypeError).message.replace(path, () => whereIs(place)),
      { cause: error },
    );
  }
}

function readPresets(value: unknown, place: Place): ConfigLayer['presets'] {
  if (typeof value === 'string') return readPresetNames(value, place);
  if (!Array.isArray(value)) throw invalid(whereIs(place), value, '"all", or an array of names of presets');
  return namesOf(value, (index) => atIndex(place, index));
}

function namesOf(values: readonly unknown[], placeOf: (index: number) => Place): PresetName[] | 'all' | undefined {
  const names = values.filter((value, index): value is PresetName | 'all' => {
    if (value === 'all' || isPresetName(value)) return true;
    const place = placeOf(index);
    place.problems.push(unknownPreset(whereIs(place), value).message);
    return false;
  });
  if (names.includes('all')) return 'all';
  return values.length > 0 && names.length === 0 ? undefined : (names as PresetName[]);
}

/** Reads the keys that there are. A null is as good as no value: that is what `${NOT_SET}` comes to. */
function readKeys<Option extends string>(
  values: Values,
  keys: Readonly<Record<string, Key<Option>>>,
  place: Place,
): Partial<Record<Option, never>> {
  const result: Partial<Record<Option, unknown>> = {};
  for (const [name, value] of Object.entries(values)) {
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    const at = below(place, name);
    if (key === undefined) place.problems.push(describeUnknown(whereIs(at), name, Object.keys(keys)));
    else if (value !== null && value !== undefined) {
      const option = attempt(place.problems, () => key.read(value, at));
      if (option !== undefined) result[key.option] = option;
    }
  }
  return result as Partial<Record<Option, never>>;
}

function expectMapping(value: unknown, place: Place, allowed = 'a mapping'): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(whereIs(place), value, allowed);
  return value as Values;
}

/** What the function returns, or, if it throws, undefined and one problem more. */
function attempt<T>(problems: string[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
}
