import { logLocally } from './braintrust.mjs';

export default {
  url: import.meta.url,
  name: 'braintrust openai',
  library: 'braintrust',
  api: '`wrapOpenAI`',
  subject: 'openai',
  documentation: 'https://www.braintrust.dev/docs/integrations/ai-providers/openai',
  claim: 'the client is traced, streamed answers included.',
  better: 'It records prompts, whole answers, tokens and the time to the first token.',
  async load({ require, record }) {
    const braintrust = require('braintrust');
    await logLocally(braintrust, record);
    return {
      span: (name, work) => braintrust.traced(work, { name }),
      flush: () => braintrust.flush(),
      client({ OpenAI }, options) {
        // <set-up braintrust openai>
        return braintrust.wrapOpenAI(new OpenAI(options));
        // </set-up>
      },
    };
  },
};
