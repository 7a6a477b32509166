import { wrapGenerators } from '../../lib/program-copy.mjs';

export default {
  url: import.meta.url,
  name: 'langsmith',
  library: 'langsmith',
  api: '`traceable`',
  subject: 'function',
  documentation: 'https://docs.langchain.com/langsmith/trace-generator-functions',
  claim: 'async generators, by name; its types say that the function stays one.',
  better: 'It records inputs and items, and puts them together with a function of yours (`aggregator`).',
  load({ require, record }) {
    const { traceable } = require('langsmith/traceable');
    const client = localClient(require('langsmith').Client, record);
    return {
      span: (name, work) => traceable(work, { name, client, tracingEnabled: true })(),
      flush: () => client.awaitPendingTraceBatches?.(),
      trace: (copy) => wrapGenerators(copy.load(), traced),
    };

    function traced(fn) {
      // <set-up langsmith>
      return traceable(fn, { name: fn.name, client, tracingEnabled: true });
      // </set-up>
    }
  },
};

/** Takes runs, and sends them nowhere. */
export function localClient(Client, record) {
  const open = new Map();
  class LocalClient extends Client {
    async createRun({ id, parent_run_id: parent, name, start_time: start }) {
      open.set(id, { id, parent, name, start: toMilliseconds(start) });
    }

    async updateRun(id, { end_time: end, error, ...more }) {
      if (end === undefined) return;
      record({ ...open.get(id), end: toMilliseconds(end), error: error || undefined, says: JSON.stringify(more) });
      open.delete(id);
    }
  }
  return new LocalClient({ apiKey: 'none', apiUrl: 'http://127.0.0.1:9' });
}

const toMilliseconds = (time) => new Date(time).getTime();
