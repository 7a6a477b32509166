import { unsampledProvider } from '../lib/sdk.mjs';
import { loadTraced } from './support/ours.mjs';

/** Its sampler drops every span. */
export default {
  name: 'not-recording',
  label: 'this package: not sampled',
  isOurs: true,
  load(copy) {
    const { program, instrumentation } = loadTraced(copy);
    instrumentation.setTracerProvider(unsampledProvider);
    return program;
  },
};
