import { provider } from '../../lib/sdk.mjs';
import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'otel openai',
  library: '@opentelemetry/instrumentation-openai',
  subject: 'openai',
  documentation: 'https://www.npmjs.com/package/@opentelemetry/instrumentation-openai',
  claim:
    'the client is instrumented, by the conventions for chat completions and responses. Its documentation does not mention streams; its code has a case for them.',
  better:
    'It is OpenTelemetry’s own, and records messages, tokens and metrics as the conventions for generative AI ask for.',
  load({ require, record }) {
    const span = startOpenTelemetry(record);
    const { registerInstrumentations } = require('@opentelemetry/instrumentation');
    const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
    // <set-up otel openai>
    registerInstrumentations({ tracerProvider: provider, instrumentations: [new OpenAIInstrumentation()] });
    // </set-up>
    return { span };
  },
};
