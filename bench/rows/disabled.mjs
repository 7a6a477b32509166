import { loadTraced } from './support/ours.mjs';

/** Switched off while the program holds on to the traced functions. */
export default {
  name: 'disabled',
  label: 'this package: after `disable()`',
  isOurs: true,
  load(copy) {
    const { program, instrumentation } = loadTraced(copy);
    const held = { ...program };
    instrumentation.disable();
    return Object.assign(program, held);
  },
};
