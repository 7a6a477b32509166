import type { GenAiReader, GenAiRequest } from '../telemetry/gen-ai/reader';
import type { PresetTarget } from '../targets/target';
import { chatCompletions } from './chat-completions';
import { at, textAt, type OwnPreset } from './preset';

/** The client asks Hugging Face's router, which asks the provider that the program names. */
const PROVIDER = 'huggingface';
const baseUrlOf = (args: unknown) => textAt(args, 'endpointUrl') ?? 'https://router.huggingface.co';

const completions = chatCompletions(() => PROVIDER);

const chat: typeof completions = {
  ...completions,
  request(call) {
    const request = completions.request(call);
    return request && { ...request, stream: true, baseUrl: baseUrlOf(call.args[0]) };
  },
};

/** What is read of a token, any of which may be missing. */
interface Token {
  readonly token?: { readonly text?: string; readonly special?: boolean };
  readonly details?: {
    readonly finish_reason?: string;
    readonly generated_tokens?: number;
    readonly input_length?: number;
  } | null;
}

const generation: GenAiReader<Token> = {
  request({ args: [args] }): GenAiRequest {
    const parameters = at(args, 'parameters');
    return {
      operation: 'text_completion',
      provider: PROVIDER,
      model: textAt(args, 'model'),
      stream: true,
      baseUrl: baseUrlOf(args),
      maxTokens: at(parameters, 'max_new_tokens'),
      temperature: at(parameters, 'temperature'),
      topP: at(parameters, 'top_p'),
      topK: at(parameters, 'top_k'),
      frequencyPenalty: at(parameters, 'frequency_penalty'),
      seed: at(parameters, 'seed'),
      stopSequences: at(parameters, 'stop'),
    };
  },
  chunk({ token, details }, response) {
    // A special one ends the text, and is no part of it.
    if (token?.text && token.special !== true) response.text(token.text);
    if (!details) return;
    if (details.finish_reason) response.finished(details.finish_reason);
    response.inputTokens = details.input_length;
    response.outputTokens = details.generated_tokens;
  },
  input({ args: [args] }) {
    const content = textAt(args, 'inputs');
    return { messages: content === undefined ? [] : [{ role: 'user', parts: [{ type: 'text', content }] }] };
  },
};

/** The client's methods cannot be replaced, and call what these files export. */
const targetsOf = (name: string, genAi: GenAiReader): PresetTarget[] =>
  ['commonjs', 'esm'].map((format) => ({
    module: `@huggingface/inference/dist/${format}/tasks/nlp/${name}.js`,
    versions: '>=3.14.0',
    exports: [name],
    spanName: `huggingface.${name}`,
    abortSignal: ({ args }) => at(args[1], 'signal'),
    genAi,
  }));

export const huggingface: OwnPreset = {
  name: 'huggingface',
  traces: 'chatCompletionStream and textGenerationStream, of clients and as functions',
  spans: 'huggingface.chatCompletionStream',
  targets: [
    ...targetsOf('chatCompletionStream', chat as GenAiReader),
    ...targetsOf('textGenerationStream', generation as GenAiReader),
  ],
};
