import { loadTraced } from './support/ours.mjs';

export default {
  name: 'context-from-creation',
  label: "this package: recording, `contextFrom: 'creation'`",
  isOurs: true,
  load: (copy) => loadTraced(copy, { contextFrom: 'creation' }).program,
};
