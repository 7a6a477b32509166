/**
 * The presets that know a module: they may see what a target cannot that names the same function.
 */
import { PRESET_NAMES, PRESETS } from '../../presets';
import { isMeantVersion } from '../../targets/packages';
import type { PresetName } from '../../types';

/**
 * @param module as it was asked for
 * @param version of its package, if it has one
 */
export function presetsOf(module: string, version: string | undefined): PresetName[] {
  return PRESET_NAMES.filter((name) =>
    PRESETS[name].some(
      (target) => withoutScheme(target.module) === withoutScheme(module) && isMeantVersion(version, target.versions),
    ),
  );
}

const withoutScheme = (module: string) => module.replace(/^node:/, '');
