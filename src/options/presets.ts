/**
 * Checks the names of presets.
 */
import { nearest } from '../base/nearest';
import { PRESET_NAMES, PRESETS } from '../presets';
import type { PresetName } from '../types';
import { invalid } from './invalid';

export function isPresetName(value: unknown): value is PresetName {
  return typeof value === 'string' && Object.hasOwn(PRESETS, value);
}

/** The names in a list with `,` between them. */
export function splitPresets(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '');
}

/** @throws TypeError if the value is neither a list of names nor an array of them; `all` is one */
export function checkPresets(path: string, value: unknown): void {
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw invalid(path, value, `"all", or an array of ${namesOfPresets()}`);
  }
  const names: readonly unknown[] = typeof value === 'string' ? splitPresets(value) : value;
  // `forEach` would pass over holes.
  for (const [index, name] of names.entries()) {
    if (name !== 'all' && !isPresetName(name)) {
      throw unknownPreset(typeof value === 'string' ? path : `${path}[${index}]`, name);
    }
  }
}

/** The error for what is no preset: says which there are, and the nearest of them. */
export function unknownPreset(path: string, value: unknown): TypeError {
  const [like] = typeof value === 'string' && value !== '' ? nearest(value, PRESET_NAMES) : [];
  return invalid(path, value, namesOfPresets() + (like === undefined ? '' : `; did you mean "${like}"?`));
}

function namesOfPresets(): string {
  return PRESET_NAMES.map((name) => `"${name}"`).join(' or ');
}
