import { loadTraced } from './support/ours.mjs';

/** Everything as it is by default. */
export default {
  name: 'recording',
  label: 'this package: recording',
  isOurs: true,
  load: (copy) => loadTraced(copy).program,
};
