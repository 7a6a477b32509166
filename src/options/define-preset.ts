/**
 * Presets of the user's own.
 */
import { invalid } from '../base/invalid';
import { OwnWeakMap } from '../base/intrinsics';
import { PRESET_NAMES } from '../presets';
import type { Preset } from '../presets/preset';
import { MODULE_FORMS } from '../targets/module-pattern';
import { compileTarget, type PresetTarget, type Target } from '../targets/target';
import { checkOptions, checkValue, isPlainObject, isName, optionsIn, PRESET_TARGET_OPTIONS } from './table';

const PRESET_OPTIONS = { name: { type: checkName }, targets: { type: checkTargets } };
const TARGET = { ...optionsIn('target'), ...PRESET_TARGET_OPTIONS };

const compiled = new OwnWeakMap<object, readonly Target[]>();

/**
 * Checks a preset of your own, for the option `presets`. Beside what a target has (`module`, `versions`, `exports`, `spanName` and so on), its
 * targets may say what is known of the package: `classifyError`, `closeMembers`, and of a client for models `genAi`. Your own `targets` win over it,
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
export function compileOwnPreset(path: string, preset: unknown): readonly Target[] {
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
  const taken = ['all', 'auto', ...PRESET_NAMES];
  if (taken.includes(value)) throw invalid(path, value, 'a name that no preset of this package has');
}

function checkTargets(path: string, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) throw invalid(path, value, 'an array of target objects');
}
