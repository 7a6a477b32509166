import { loadTraced } from './support/ours.mjs';

export default {
  name: 'timing-off',
  label: 'this package: recording, `timing: false`',
  isOurs: true,
  load: (copy) => loadTraced(copy, { timing: false }).program,
};
