import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'langfuse openai',
  library: '@langfuse/openai',
  api: '`observeOpenAI`',
  subject: 'openai',
  documentation: 'https://langfuse.com/integrations/model-providers/openai-js',
  claim: 'the client is traced, “with support for streaming”, and the time to the first token.',
  better: 'It records prompts, whole answers, tokens, costs, users and sessions, and links prompts that it manages.',
  load({ require, record }) {
    const span = startOpenTelemetry(record);
    const { observeOpenAI } = require('@langfuse/openai');
    return {
      span,
      client({ OpenAI }, options) {
        // <set-up langfuse openai>
        return observeOpenAI(new OpenAI(options));
        // </set-up>
      },
    };
  },
};
