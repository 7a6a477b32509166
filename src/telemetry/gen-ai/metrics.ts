/**
 * The metrics of requests to models, recorded whether or not the span is sampled
 * (https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/client-inference.md#metrics). Buckets are those of the conventions.
 */
import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api';

const doubling = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first * 2 ** n);
const SECONDS = { unit: 's', advice: { explicitBucketBoundaries: doubling(0.01, 14) } };
const AGENT_SECONDS = { unit: 's', advice: { explicitBucketBoundaries: doubling(0.1, 13) } };
const TOKENS_OF_ONE = {
  unit: '{token}',
  advice: { explicitBucketBoundaries: Array.from({ length: 14 }, (_, n) => 4 ** n) },
};
const MODALITY = 'gen_ai.token.modality';

/** The tokens that a run has used, as far as they are known. */
export interface TokenUsage {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheWriteTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
}

/** The instruments of one meter. */
export class GenAiMetrics {
  private readonly duration: Histogram;
  private readonly timeToFirstChunk: Histogram;
  private readonly timePerOutputChunk: Histogram;
  private readonly agentDuration: Histogram;
  private readonly usage: Readonly<Record<keyof TokenUsage, Counter>>;
  private readonly inputOfOne: Histogram;
  private readonly outputOfOne: Histogram;

  constructor(meter: Meter) {
    const seconds = (name: string, description: string) =>
      meter.createHistogram(`gen_ai.client.inference.${name}`, { ...SECONDS, description });
    this.duration = seconds('duration', 'Duration of requests to models.');
    this.timeToFirstChunk = seconds('time_to_first_chunk', 'Time from the request to the first chunk with content.');
    this.timePerOutputChunk = seconds('time_per_output_chunk', 'Time from one chunk with content to the next.');
    this.agentDuration = meter.createHistogram('gen_ai.invoke_agent.duration', {
      ...AGENT_SECONDS,
      description: 'Duration of runs of agents.',
    });
    const counter = (name: string, description: string) =>
      meter.createCounter(`gen_ai.client.inference.usage.${name}`, { unit: '{token}', description });
    this.usage = {
      inputTokens: counter('input_tokens', 'Input tokens used, those of caches included.'),
      outputTokens: counter('output_tokens', 'Output tokens used, those of reasoning included.'),
      cacheReadTokens: counter('cache_read.input_tokens', 'Input tokens read from a cache of the provider.'),
      cacheWriteTokens: counter('cache_write.input_tokens', 'Input tokens written to a cache of the provider.'),
      reasoningTokens: counter('reasoning.output_tokens', 'Output tokens used for reasoning.'),
    };
    const ofOne = (name: string, description: string) =>
      meter.createHistogram(`gen_ai.client.inference.operation.${name}`, { ...TOKENS_OF_ONE, description });
    this.inputOfOne = ofOne('input_tokens', 'Input tokens of one request.');
    this.outputOfOne = ofOne('output_tokens', 'Output tokens of one request.');
  }

  chunkCame(seconds: number, attributes: Attributes): void {
    this.timePerOutputChunk.record(seconds, attributes);
  }

  /** @param timeToFirstChunk undefined for a whole answer, and where none has come */
  inferenceEnded(
    duration: number,
    timeToFirstChunk: number | undefined,
    usage: TokenUsage,
    attributes: Attributes,
    errorAttributes: Attributes,
  ): void {
    this.duration.record(duration, errorAttributes);
    if (timeToFirstChunk !== undefined) this.timeToFirstChunk.record(timeToFirstChunk, attributes);
    const { inputTokens, outputTokens } = usage;
    if (inputTokens !== undefined) this.inputOfOne.record(inputTokens, attributes);
    if (outputTokens !== undefined) this.outputOfOne.record(outputTokens, attributes);
    // The providers do not say of which kind the tokens are; where there is no usage, the conventions ask for a zero.
    const unknown = { ...attributes, [MODALITY]: 'unknown' };
    this.usage.inputTokens.add(inputTokens ?? 0, unknown);
    this.usage.outputTokens.add(outputTokens ?? 0, unknown);
    for (const kind of ['cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens'] as const) {
      const tokens = usage[kind];
      if (tokens !== undefined) this.usage[kind].add(tokens, unknown);
    }
  }

  agentEnded(duration: number, attributes: Attributes): void {
    this.agentDuration.record(duration, attributes);
  }
}
