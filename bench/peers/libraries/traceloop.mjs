// @traceloop/node-server-sdk: `withTask`, which returns a promise of the generator: its users await that first. Its spans go to the
// SDK that is registered already, which is the benchmark's; its own processor hears of none.
import { wrapGenerators } from '../../lib/program-copy.mjs';

export async function load({ require }) {
  const traceloop = require('@traceloop/node-server-sdk');
  traceloop.initialize({
    appName: 'bench',
    processor: { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} },
    instrumentModules: {},
    silenceInitializationMessage: true,
    traceloopSyncEnabled: false,
  });

  return {
    load(copy) {
      const program = wrapGenerators(
        copy.load(),
        (fn) =>
          (...args) =>
            traceloop.withTask({ name: fn.name }, fn, ...args),
      );
      const { consume } = program;
      return { ...program, consume: async (promise) => consume(await promise) };
    },
  };
}
