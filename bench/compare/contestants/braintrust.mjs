import { wrapGenerators } from '../../lib/program-copy.mjs';

export default {
  url: import.meta.url,
  name: 'braintrust',
  library: 'braintrust',
  api: '`wrapTraced`',
  subject: 'function',
  documentation: 'https://www.braintrust.dev/docs/reference/sdks/typescript',
  claim:
    'functions and promises. Its documentation does not mention generators; its code has a case for async generator functions.',
  better: 'It records inputs and items, with a limit on how many.',
  async load({ require, record }) {
    const braintrust = require('braintrust');
    await logLocally(braintrust, record);
    return {
      span: (name, work) => braintrust.traced(work, { name }),
      flush: () => braintrust.flush(),
      trace: (copy) => wrapGenerators(copy.load(), traced),
    };

    function traced(fn) {
      // <set-up braintrust>
      return braintrust.wrapTraced(fn, { name: fn.name });
      // </set-up>
    }
  },
};

/** By the library's own stand-in for the logger that sends. What is logged of a span comes in several events. */
export async function logLocally({ initLogger, _exportsForTestingOnly: testing }, record) {
  testing.setInitialTestState();
  await testing.simulateLoginForTests();
  const open = new Map();
  const take = (event) => {
    const { span_id: id, span_parents: parents, span_attributes: attributes, metrics = {}, error, ...more } = event;
    const known = open.get(id) ?? { id };
    open.set(id, known);
    if (parents !== undefined) [known.parent] = parents;
    if (attributes?.name !== undefined) known.name = attributes.name;
    if (metrics.start !== undefined) known.start = metrics.start * 1e3;
    if (error !== undefined) known.error = String(error);
    if (metrics.end === undefined) return;
    open.delete(id);
    record({ ...known, end: metrics.end * 1e3, says: JSON.stringify(more) });
  };
  testing.useTestBackgroundLogger().log = (items) => {
    for (const item of items) item.get().then(take);
  };
  initLogger({ projectName: 'comparison', projectId: 'comparison' });
}
