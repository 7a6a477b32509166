import { PRESET_NAMES } from '../../src/presets';

/** The presets that there are, as messages list them. */
export const PRESET_LIST = PRESET_NAMES.map((name) => `"${name}"`).join(' or ');
