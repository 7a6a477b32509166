import { localClient } from './langsmith.mjs';

export default {
  url: import.meta.url,
  name: 'langsmith openai',
  library: 'langsmith',
  api: '`wrapOpenAI`',
  subject: 'openai',
  documentation: 'https://docs.langchain.com/langsmith/trace-openai',
  claim: 'the client is traced, streamed answers included.',
  better: 'It records prompts, whole answers and tokens.',
  load({ require, record }) {
    const { traceable } = require('langsmith/traceable');
    const { wrapOpenAI } = require('langsmith/wrappers');
    const client = localClient(require('langsmith').Client, record);
    return {
      span: (name, work) => traceable(work, { name, client, tracingEnabled: true })(),
      flush: () => client.awaitPendingTraceBatches?.(),
      client({ OpenAI }, options) {
        // <set-up langsmith openai>
        return wrapOpenAI(new OpenAI(options), { client, tracingEnabled: true });
        // </set-up>
      },
    };
  },
};
