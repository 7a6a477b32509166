import { provider } from '../../lib/sdk.mjs';
import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'traceloop openai',
  library: '@traceloop/instrumentation-openai',
  subject: 'openai',
  documentation: 'https://www.npmjs.com/package/@traceloop/instrumentation-openai',
  claim: 'the client is instrumented. Its documentation does not mention streams; its code has a case for them.',
  better: 'It records prompts, answers and tokens.',
  load({ require, record }) {
    const span = startOpenTelemetry(record);
    const { registerInstrumentations } = require('@opentelemetry/instrumentation');
    const { OpenAIInstrumentation } = require('@traceloop/instrumentation-openai');
    // <set-up traceloop openai>
    registerInstrumentations({ tracerProvider: provider, instrumentations: [new OpenAIInstrumentation()] });
    // </set-up>
    return { span };
  },
};
