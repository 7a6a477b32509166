/**
 * What a run says of a model: OpenTelemetry's conventions for generative AI, as of v0.1.0 of
 * https://github.com/open-telemetry/semantic-conventions-genai (status: Development).
 */
import { SpanKind, trace, type Attributes, type AttributeValue, type Context } from '@opentelemetry/api';
import { NANOSECONDS_PER_SECOND } from '../../base/clock';
import { isObjectLike } from '../../base/intrinsics';
import type { Reporter } from '../../base/reporter';
import type { GeneratorCall, RunSummary } from '../../types';
import { ATTR_ERROR_TYPE } from '../attributes';
import { errorType } from '../errors';
import { CapturedOutput, inputAttributes, isCapturingContent } from './content';
import type { GenAiMetrics, TokenUsage } from './metrics';
import type { GenAiReader, GenAiRequest, GenAiResponse } from './reader';

const ATTR_GEN_AI_OPERATION_NAME = 'gen_ai.operation.name';
const ATTR_GEN_AI_AGENT_NAME = 'gen_ai.agent.name';
/** Name of the log record of the exception that a request failed with. */
export const EVENT_GEN_AI_EXCEPTION = 'gen_ai.client.operation.exception';
/** Choices beyond this one are not told apart: a chunk says its index, and a wrong one must not cost memory. */
const MOST_CHOICES = 128;

/** Its instruments are made when they are first used. */
type Metrics = { readonly genAi: GenAiMetrics } | undefined;

interface KnownAtStart {
  /** Of the span. */
  readonly name: string;
  readonly spanKind: SpanKind;
  readonly isAgent: boolean;
  readonly isStream: boolean | undefined;
  readonly isCapturing: boolean;
  /** Few enough to be those of metrics. */
  readonly dimensions: Attributes;
  /** For the span, at its start: samplers see them. */
  readonly attributes: Attributes;
}

/**
 * What there is to say of one request to a model, and of the response as far as it has come: strings and numbers only, since it is held by the run's
 * record, which must reach nothing of the program's.
 */
export class GenAiRun implements GenAiResponse {
  id: string | undefined = undefined;
  model: string | undefined = undefined;
  inputTokens: number | undefined = undefined;
  outputTokens: number | undefined = undefined;
  cacheReadTokens: number | undefined = undefined;
  cacheWriteTokens: number | undefined = undefined;
  reasoningTokens: number | undefined = undefined;
  private readonly finishReasons: string[] = [];
  private others: Attributes | undefined = undefined;
  private dimensionsOfModel: Attributes | undefined = undefined;
  private hasContent = false;
  /** Seconds from the start of the run. */
  private firstChunk: number | undefined = undefined;
  private lastChunk = 0;
  private readonly output: CapturedOutput | undefined;

  private constructor(
    private readonly reader: GenAiReader,
    private readonly reporter: Reporter,
    /** What the request says before there is an answer. */
    readonly known: KnownAtStart,
  ) {
    this.output = known.isCapturing ? new CapturedOutput() : undefined;
  }

  /**
   * @returns undefined where the call asks no model, where that cannot be read, or where the span that is active in `parent` says it already
   */
  static of(reader: GenAiReader, call: GeneratorCall, parent: Context, reporter: Reporter): GenAiRun | undefined {
    try {
      const request = reader.request(call);
      if (request === undefined || isSaidBy(parent, request)) return undefined;
      const { operation, provider, model } = request;
      const dimensions = withoutNothing({
        [ATTR_GEN_AI_OPERATION_NAME]: operation,
        'gen_ai.provider.name': provider,
        'gen_ai.request.model': text(model),
        ...server(request.baseUrl),
      });
      const isCapturing = isCapturingContent();
      const isAgent = operation === 'invoke_agent';
      // An agent is called by its name, if that is known, and never by its model.
      const subject = request.subject ?? (isAgent ? undefined : text(model));
      return new GenAiRun(reader, reporter, {
        name: subject === undefined ? operation : `${operation} ${subject}`,
        spanKind: request.spanKind ?? SpanKind.CLIENT,
        isAgent,
        isStream: request.stream,
        isCapturing,
        dimensions,
        attributes: {
          ...dimensions,
          ...requestAttributes(request),
          ...(isCapturing && reader.input && inputAttributes(reader.input(call))),
        },
      });
    } catch (error) {
      report(reporter, 'request', error);
      return undefined;
    }
  }

  /**
   * @param times of the run, whose last activity the chunk is
   * @param metrics undefined where no MeterProvider is registered
   */
  chunk(chunk: unknown, times: { readonly duration: number }, metrics: Metrics): void {
    this.hasContent = false;
    try {
      this.reader.chunk(chunk, this);
    } catch (error) {
      report(this.reporter, 'chunk', error);
    }
    if (!this.hasContent) return;
    const now = times.duration / NANOSECONDS_PER_SECOND;
    try {
      if (this.firstChunk === undefined) this.firstChunk = now;
      else if (!this.known.isAgent) metrics?.genAi.chunkCame(now - this.lastChunk, this.responseDimensions());
    } catch (error) {
      this.reporter.errorOnce('gen_ai:metrics', 'recording metrics threw; the stream goes on', error);
    }
    this.lastChunk = now;
  }

  /** The value of a call that returned no stream. */
  result(value: unknown): void {
    if (this.reader.result === undefined) return;
    try {
      this.reader.result(value, this);
    } catch (error) {
      report(this.reporter, 'result', error);
    }
  }

  attribute(name: string, value: string): void {
    (this.others ??= {})[name] = value;
  }

  finished(reason: string, choice = 0): void {
    if (choice < MOST_CHOICES) this.finishReasons[choice] = reason;
  }

  text(content: string, choice = 0): void {
    this.content(choice);
    this.output?.text('text', content, choice);
  }

  reasoning(content: string, choice = 0): void {
    this.content(choice);
    this.output?.text('reasoning', content, choice);
  }

  toolCall(call: { index?: number; id?: string; name?: string; arguments?: unknown }, choice = 0): void {
    this.content(choice);
    this.output?.toolCall(call, choice);
  }

  content(choice = 0): void {
    this.hasContent = true;
    // The conventions: a generation of which no reason has come has ended with an error, a cancellation included.
    if (choice < MOST_CHOICES && this.reader.isWithoutReason !== true) this.finishReasons[choice] ??= 'error';
  }

  /** What is known at the end, which may come in the middle of the answer. */
  endAttributes(): Attributes {
    const { finishReasons, usage } = this;
    const reasons = Array.from(finishReasons, (reason: string | undefined) => reason ?? 'error');
    return withoutNothing({
      'gen_ai.response.id': text(this.id),
      'gen_ai.response.model': text(this.model),
      'gen_ai.response.finish_reasons': reasons.length === 0 ? undefined : reasons,
      'gen_ai.response.time_to_first_chunk': this.timeToFirstChunk,
      'gen_ai.usage.input_tokens': usage.inputTokens,
      'gen_ai.usage.output_tokens': usage.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': usage.cacheReadTokens,
      'gen_ai.usage.cache_write.input_tokens': usage.cacheWriteTokens,
      'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
      ...this.others,
      ...this.output?.attributes(reasons),
    });
  }

  measure(metrics: GenAiMetrics, summary: RunSummary): void {
    const attributes = this.responseDimensions();
    const withError =
      summary.outcome === 'failed' ? { ...attributes, [ATTR_ERROR_TYPE]: errorType(summary.error) } : attributes;
    if (this.known.isAgent) metrics.agentEnded(summary.duration, withError);
    else metrics.inferenceEnded(summary.duration, this.timeToFirstChunk, this.usage, attributes, withError);
  }

  /** What the reader has assigned may be anything that the provider has sent. */
  private get usage(): TokenUsage {
    return {
      inputTokens: number(this.inputTokens),
      outputTokens: number(this.outputTokens),
      cacheReadTokens: number(this.cacheReadTokens),
      cacheWriteTokens: number(this.cacheWriteTokens),
      reasoningTokens: number(this.reasoningTokens),
    };
  }

  /** Only of a stream: a whole answer has no first chunk. */
  private get timeToFirstChunk(): number | undefined {
    return this.known.isStream === false ? undefined : this.firstChunk;
  }

  /** Of metrics; made once, since there is one for each chunk. */
  private responseDimensions(): Attributes {
    const { model, known } = this;
    if (text(model) === undefined) return known.dimensions;
    if (this.dimensionsOfModel?.['gen_ai.response.model'] !== model) {
      this.dimensionsOfModel = { ...known.dimensions, 'gen_ai.response.model': model };
    }
    return this.dimensionsOfModel as Attributes;
  }
}

/**
 * Whether a span around the call says the same of the same request: that of the client itself, or of another instrumentation. An agent that another
 * agent asks is another request.
 */
function isSaidBy(parent: Context, { operation, attributes }: GenAiRequest): boolean {
  const span = trace.getSpan(parent) as { attributes?: Attributes } | undefined;
  const said: unknown = span?.attributes;
  if (!isObjectLike(said)) return false;
  const { [ATTR_GEN_AI_OPERATION_NAME]: saidOperation, [ATTR_GEN_AI_AGENT_NAME]: saidAgent } = said as Attributes;
  return saidOperation === operation && (saidAgent === undefined || saidAgent === attributes?.[ATTR_GEN_AI_AGENT_NAME]);
}

function requestAttributes(request: GenAiRequest): Attributes {
  return withoutNothing({
    'gen_ai.request.stream': request.stream === true ? true : undefined,
    'gen_ai.request.max_tokens': number(request.maxTokens),
    'gen_ai.request.temperature': number(request.temperature),
    'gen_ai.request.top_p': number(request.topP),
    'gen_ai.request.top_k': number(request.topK),
    'gen_ai.request.frequency_penalty': number(request.frequencyPenalty),
    'gen_ai.request.presence_penalty': number(request.presencePenalty),
    'gen_ai.request.seed': number(request.seed),
    'gen_ai.request.stop_sequences': texts(request.stopSequences),
    'gen_ai.request.choice.count': request.choiceCount === 1 ? undefined : number(request.choiceCount),
    'gen_ai.request.reasoning.level': text(request.reasoningLevel),
    'gen_ai.request.previous_response.id': text(request.previousResponseId),
    'gen_ai.conversation.id': text(request.conversationId),
    'gen_ai.output.type': request.outputType,
    ...request.attributes,
  });
}

const PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

function server(baseUrl: unknown): Attributes {
  if (typeof baseUrl !== 'string' && !(baseUrl instanceof URL)) return {};
  try {
    const { hostname, port, protocol } = new URL(baseUrl);
    return hostname === ''
      ? {}
      : withoutNothing({ 'server.address': hostname, 'server.port': port === '' ? PORTS[protocol] : Number(port) });
  } catch {
    // Not a URL.
    return {};
  }
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

function texts(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
    ? (value as string[]).slice()
    : undefined;
}

function withoutNothing(attributes: Record<string, AttributeValue | undefined>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null));
}

function report(reporter: Reporter, what: string, error: unknown): void {
  reporter.warnOnce(
    `gen_ai:${what}`,
    `a preset could not read a ${what}; its run goes on without what that says`,
    error,
  );
}
