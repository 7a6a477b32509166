// langsmith: `traceable`.
import { wrapGenerators } from '../../lib/program-copy.mjs';

export async function load({ require }) {
  const { Client } = require('langsmith');
  const { getCurrentRunTree, traceable } = require('langsmith/traceable');
  const counts = { started: 0, ended: 0 };

  /** Takes runs, and sends them nowhere. */
  class LocalClient extends Client {
    async createRun() {
      counts.started++;
    }

    async updateRun(id, { end_time: endTime }) {
      if (endTime !== undefined) counts.ended++;
    }
  }
  const client = new LocalClient({ apiKey: 'none', apiUrl: 'http://127.0.0.1:9' });

  return {
    load: (copy) => wrapGenerators(copy.load(), (fn) => traceable(fn, { name: fn.name, client, tracingEnabled: true })),
    observe: () => ({
      counts,
      reset: () => Object.assign(counts, { started: 0, ended: 0 }),
      active: () => getCurrentRunTree(true)?.id,
    }),
  };
}
