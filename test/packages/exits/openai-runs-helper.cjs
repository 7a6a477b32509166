/** The helper for runs of OpenAI's assistants, here for one that makes its thread. */
const { helperScenario } = require('../support/exits/helpers.cjs');

module.exports = helperScenario(require('./openai-runs.cjs'), {
  packages: ['openai-4', 'openai-5', 'openai-6', 'openai-7'],
  name: 'invoke_agent',
  open({ OpenAI }, { port, signal, secret }) {
    const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    return client.beta.threads.createAndRunStream(
      { assistant_id: 'asst_1', thread: { messages: [{ role: 'user', content: `hello ${secret}?` }] } },
      { signal },
    );
  },
});
