/**
 * Checks the names of presets.
 */
import { nearest } from '../patch/nearest';
import { PRESET_NAMES, PRESETS } from '../presets';
import type { PresetName } from '../types';
import { invalid } from './invalid';

export function isPresetName(value: unknown): value is PresetName {
  return typeof value === 'string' && Object.hasOwn(PRESETS, value);
}

/** @throws TypeError if the value is neither `'all'` nor an array of names */
export function checkPresets(path: string, value: unknown): void {
  if (value === 'all') return;
  if (!Array.isArray(value)) throw invalid(path, value, `"all", or an array of ${namesOfPresets()}`);
  value.forEach((name, index) => {
    if (!isPresetName(name)) throw unknownPreset(`${path}[${index}]`, name);
  });
}

/** The error for what is no preset: says which there are, and the nearest of them. */
export function unknownPreset(path: string, value: unknown): TypeError {
  const [like] = typeof value === 'string' && value !== '' ? nearest(value, PRESET_NAMES) : [];
  return invalid(path, value, namesOfPresets() + (like === undefined ? '' : `; did you mean "${like}"?`));
}

function namesOfPresets(): string {
  return PRESET_NAMES.map((name) => `"${name}"`).join(' or ');
}
