/**
 * As much of an SDK as a timeline needs, for programs that have none: spans that go nowhere, and the context that they are in. The SDK itself
 * comes with resource detectors, which are more code than the rest of this package.
 */
import {
  context,
  isSpanContextValid,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type AttributeValue,
  type Context,
  type HrTime,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  type TimeInput,
  type Tracer,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

export function startTracer(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(createTracerProvider());
}

export const createTracerProvider = () => new Provider();

/** Shaped as the SDK's: ./spans.ts looks for its processor. */
class Provider {
  readonly processor = { onStart: () => undefined, onEnd: (_span: object): void => undefined };

  getTracer(name: string): Tracer {
    return new TimelineTracer(name, this);
  }
}

class TimelineTracer implements Tracer {
  constructor(
    readonly name: string,
    readonly provider: Provider,
  ) {}

  startSpan(name: string, options: SpanOptions = {}, parent: Context = context.active()): Span {
    const active = options.root === true ? undefined : trace.getSpanContext(parent);
    const parentContext = active !== undefined && isSpanContextValid(active) ? active : undefined;
    return new TimelineSpan(name, this, options, parentContext);
  }

  startActiveSpan<Fn extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<Fn> {
    const work = rest.pop() as Fn;
    const [options, parent = context.active()] = rest as [SpanOptions?, Context?];
    const span = this.startSpan(name, options, parent);
    return context.with(trace.setSpan(parent, span), () => work(span)) as ReturnType<Fn>;
  }
}

class TimelineSpan implements Span {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  duration: HrTime = [0, 0];
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  private readonly own: SpanContext;
  private isOpen = true;

  constructor(
    public name: string,
    readonly instrumentationScope: TimelineTracer,
    { attributes, startTime }: SpanOptions,
    readonly parentSpanContext: SpanContext | undefined,
  ) {
    const traceId = parentSpanContext?.traceId ?? randomBytes(16).toString('hex');
    this.own = { traceId, spanId: randomBytes(8).toString('hex'), traceFlags: TraceFlags.SAMPLED };
    this.attributes = { ...attributes };
    this.startTime = toHrTime(startTime);
  }

  readonly spanContext = (): SpanContext => this.own;
  readonly isRecording = (): boolean => this.isOpen;

  // The report has no events and links, and the errors of runs from their hooks.
  readonly addEvent = (): this => this;
  readonly addLink = (): this => this;
  readonly addLinks = (): this => this;
  readonly recordException = (): void => undefined;

  setAttribute(key: string, value: AttributeValue): this {
    return this.setAttributes({ [key]: value });
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  updateName(name: string): this {
    this.name = name;
    return this;
  }

  end(endTime?: TimeInput): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const [seconds, nanoseconds] = toHrTime(endTime);
    const [startSeconds, startNanoseconds] = this.startTime;
    this.duration = toHrTime((seconds - startSeconds) * 1e3 + (nanoseconds - startNanoseconds) / 1e6, true);
    this.instrumentationScope.provider.processor.onEnd(this);
  }
}

/** @param isDuration whether a number is taken as it is: otherwise a small one is of `performance.now()` */
function toHrTime(time: TimeInput = performance.timeOrigin + performance.now(), isDuration = false): HrTime {
  if (Array.isArray(time)) return time;
  const given = Number(time);
  const milliseconds = isDuration || given > performance.now() ? given : performance.timeOrigin + given;
  const seconds = Math.floor(milliseconds / 1e3);
  return [Math.max(seconds, 0), Math.max(Math.round((milliseconds - seconds * 1e3) * 1e6), 0)];
}
