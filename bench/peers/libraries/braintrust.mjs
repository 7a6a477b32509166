// braintrust: `wrapTraced`.
import { wrapGenerators } from '../../lib/program-copy.mjs';

export async function load({ require }) {
  const { currentSpan, initLogger, wrapTraced, _exportsForTestingOnly: testing, NOOP_SPAN } = require('braintrust');
  testing.setInitialTestState();
  await testing.simulateLoginForTests();
  const counts = { started: 0, ended: 0 };
  // The library's own stand-in for the logger that sends. It would keep all events for ever, so they end here.
  const background = testing.useTestBackgroundLogger();
  background.log = (items) => {
    for (const item of items) {
      counts.events++;
      item.get().then(({ metrics }) => {
        if (metrics?.start !== undefined) counts.started++;
        if (metrics?.end !== undefined) counts.ended++;
      });
    }
  };
  initLogger({ projectName: 'bench', projectId: 'bench' });

  return {
    load: (copy) => wrapGenerators(copy.load(), (fn) => wrapTraced(fn, { name: fn.name })),
    observe: () => ({
      counts,
      reset: () => Object.assign(counts, { started: 0, ended: 0 }),
      active: () => (currentSpan() === NOOP_SPAN ? undefined : currentSpan().id),
    }),
  };
}
