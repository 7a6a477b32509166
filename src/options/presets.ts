/** Compiles the option `presets`: names, presets of the user's own, and `auto`, which takes those that are installed. */
import { applicationFolders, installedFor } from '../base/installed';
import {
  attempt,
  check,
  checkOptions,
  checkValue,
  invalid,
  isName,
  isPlainObject,
  isText,
  type Options,
  type Problems,
  nearest,
} from '../base/invalid';
import { OwnWeakMap } from '../base/intrinsics';
import type * as Presets from '../presets';
import type { Preset } from '../presets/preset';
import { MODULE_FORMS, parseModulePattern } from '../targets/module-pattern';
import { compileTarget, type PresetTarget, type ResolvedConfig, type Target } from '../targets/target';
import type { PresetName } from '../types';
import { optionsIn } from './table';

const NAME_OF_PRESET = 'the name of a preset (doc/presets.md has all)';

/** An entry of a list of presets. */
type PresetChoice = PresetName | 'all' | 'auto' | Preset;

/** Loaded where presets are named or searched for. An application that has only targets of its own starts without them. */
function knownPresets(): typeof Presets {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('../presets') as typeof Presets;
}

const words = () => [...knownPresets().PRESET_NAMES, 'all', 'auto'];

/**
 * The targets of a list of presets in code.
 *
 * @throws TypeError that names the path, the value and what is allowed
 */
export function compilePresets(
  list: string | readonly unknown[],
  baseDir: string,
): Pick<ResolvedConfig, 'targets' | 'autoPresets' | 'missingPresets'> {
  const choices = new Set(presetNames('presets', list));
  const own = [...choices].filter((choice): choice is Preset => typeof choice === 'object');
  const named = [...choices].filter(isPresetName);
  const isAuto = choices.has('auto');
  // Looked for once, and not where the answer does not matter.
  const isAsked = isAuto || (named.length > 0 && !choices.has('all'));
  const isInstalled = isAsked ? installedFor([baseDir, ...applicationFolders()]) : () => true;
  const autoPresets = isAuto ? installedPresets(baseDir, isInstalled) : undefined;
  const names = choices.has('all') ? knownPresets().PRESET_NAMES : new Set([...named, ...(autoPresets?.keys() ?? [])]);
  return {
    // Those of the user win.
    targets: [...own.flatMap((preset) => compileOwnPreset('preset', preset)), ...[...names].flatMap(compiledTargetsOf)],
    autoPresets,
    missingPresets: named.filter((name) => isMissing(name, isInstalled)),
  };
}

/**
 * Reads a list of names of presets.
 *
 * @returns undefined if nothing of it is left
 */
export function readPresets(
  path: string,
  list: string | readonly unknown[],
  source: Problems,
): (PresetName | 'auto')[] | 'all' | undefined {
  const names = presetNames(path, list, source);
  if (names.includes('all')) return 'all';
  return names.length === 0 && splitPresets(list).length > 0 ? undefined : (names as (PresetName | 'auto')[]);
}

function presetNames(path: string, list: string | readonly unknown[], source: Problems = {}): PresetChoice[] {
  return Array.from(splitPresets(list), (name, index) =>
    attempt(source, () => {
      const at = typeof list === 'string' ? path : `${path}[${index}]`;
      if (source.problems === undefined && isPlainObject(name)) {
        compileOwnPreset(at, name);
        return name as unknown as Preset;
      }
      checkPresetName(at, name);
      return name;
    }),
  ).filter((name) => name !== undefined);
}

/** The names in a list with `,` between them. */
function splitPresets(list: string | readonly unknown[]): readonly unknown[] {
  if (typeof list !== 'string') return list;
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** @throws TypeError that says which presets there are, and the nearest of them */
function checkPresetName(path: string, value: unknown): asserts value is PresetName | 'all' | 'auto' {
  if (value === 'all' || value === 'auto' || isPresetName(value)) return;
  const [like] = isName(value) ? nearest(value, words()) : [];
  throw invalid(path, value, NAME_OF_PRESET + (like === undefined ? '' : `; did you mean "${like}"?`));
}

export function isPresetName(value: unknown): value is PresetName {
  return isText(value) && Object.hasOwn(knownPresets().PRESETS, value);
}

/**
 * The presets of packages that are installed, by the folders on the lookup path. The preset of core modules is not among them:
 * a program that wants it names it.
 */
function installedPresets(baseDir: string, isInstalled: (name: string) => boolean): ReadonlyMap<PresetName, string> {
  const { PRESET_NAMES, PRESETS } = knownPresets();
  const found = new Map<PresetName, string>();
  for (const name of PRESET_NAMES) {
    const modules = PRESETS[name].targets.map(({ module }) => parseModulePattern(module, baseDir));
    const packages = modules.flatMap((module) => (module?.kind === 'package' ? [module.name] : []));
    const installed = packages.find(isInstalled);
    if (installed !== undefined) found.set(name, installed);
  }
  return found;
}

function isMissing(name: PresetName, isInstalled: (name: string) => boolean): boolean {
  return compiledTargetsOf(name).every(({ module }) => module.kind === 'package' && !isInstalled(module.name));
}

/** By preset, since all instrumentations have the same. */
const compiledPresets = new Map<PresetName, readonly Target[]>();

function compiledTargetsOf(name: PresetName): readonly Target[] {
  let targets = compiledPresets.get(name);
  if (targets === undefined) {
    // Presets have no relative paths.
    targets = knownPresets().PRESETS[name].targets.map((target) =>
      compileTarget(target, '', (part) => `presets.${name}.${part}`, name),
    );
    compiledPresets.set(name, targets);
  }
  return targets;
}

/** Options that only targets of presets have. */
const PRESET_TARGET_OPTIONS: Options = {
  classifyError: { type: 'function' },
  closeMembers: {
    type: check(
      (value) => Array.isArray(value) && value.every(isName),
      'an array of names of methods, such as "abort"',
    ),
  },
  abortSignal: { type: 'function' },
  leavingSignal: { type: 'function' },
  errorOf: { type: 'function' },
  isLazy: { type: 'boolean' },
  isMadeBy: { type: 'function' },
  iteratorMember: { type: check(isName, 'the name of a method, such as "iterator"') },
  genAi: {
    type: check(
      (value) => isPlainObject(value) && typeof value.request === 'function' && typeof value.chunk === 'function',
      'an object with the methods request and chunk',
    ),
  },
};

const PRESET_OPTIONS = { name: { type: checkName }, targets: { type: checkTargets } };
const TARGET = { ...optionsIn('target'), ...PRESET_TARGET_OPTIONS };

const compiled = new OwnWeakMap<object, readonly Target[]>();

/**
 * Checks a preset of your own, for the option `presets`. Beside what a target has (`module`, `versions`, `exports`, `spanName` and so on), its
 * targets may say what is known of the package: `classifyError`, `closeMembers`, `errorOf`, `isLazy`, and of a client for models `genAi`. Your own `targets` win over it,
 * and it wins over the presets of this package.
 *
 * @returns the same preset
 * @throws TypeError that names the part, the value and what is allowed
 * @example
 * const acme = definePreset({
 *   name: 'acme',
 *   targets: [{ module: '@acme/client', versions: '>=2', exports: ['Client#stream'], closeMembers: ['abort'] }],
 * });
 * new AsyncGeneratorInstrumentation({ presets: ['openai', acme] });
 */
export function definePreset(preset: Preset): Preset {
  compileOwnPreset('preset', preset);
  return preset;
}

/** @throws TypeError if something in it cannot be parsed */
function compileOwnPreset(path: string, preset: unknown): readonly Target[] {
  const known = isPlainObject(preset) ? compiled.get(preset) : undefined;
  if (known !== undefined) return known;
  checkOptions(path, preset, PRESET_OPTIONS);
  const { name, targets } = preset as Partial<Preset>;
  checkValue(`${path}.name`, name, checkName);
  checkValue(`${path}.targets`, targets, checkTargets);
  const made = (targets as readonly PresetTarget[]).map((target, index) => {
    const at = `${path}.targets[${index}]`;
    checkOptions(at, target, TARGET);
    if ((target as Partial<PresetTarget>).module === undefined) throw invalid(`${at}.module`, undefined, MODULE_FORMS);
    const pathOf = (part: string, place?: number) => `${at}.${part}${place === undefined ? '' : `[${place}]`}`;
    return compileTarget(target, process.cwd(), pathOf, name);
  });
  compiled.set(preset as object, made);
  return made;
}

function checkName(path: string, value: unknown): void {
  if (!isName(value) || value.includes(',')) throw invalid(path, value, 'a name without ","');
  if (words().includes(value)) throw invalid(path, value, 'a name that no preset of this package has');
}

function checkTargets(path: string, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) throw invalid(path, value, 'an array of target objects');
}
