import { provider } from '../../lib/sdk.mjs';
import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'openinference openai',
  library: '@arizeai/openinference-instrumentation-openai',
  subject: 'openai',
  documentation: 'https://www.npmjs.com/package/@arizeai/openinference-instrumentation-openai',
  claim: 'the client is instrumented. Its documentation does not mention streams; its code has a case for them.',
  better: 'It records messages and answers by a convention for LLM applications, and masks what is secret.',
  load({ require, record }) {
    const span = startOpenTelemetry(record);
    const { registerInstrumentations } = require('@opentelemetry/instrumentation');
    const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
    // <set-up openinference openai>
    registerInstrumentations({ tracerProvider: provider, instrumentations: [new OpenAIInstrumentation()] });
    // </set-up>
    return { span };
  },
};
