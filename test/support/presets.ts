/** What is allowed in the place of a name that no preset has, as messages say it. */
export const PRESET_LIST = 'the name of a preset (doc/presets.md has all)';
