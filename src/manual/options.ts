import {
  metrics,
  SpanKind,
  trace,
  type MeterProvider,
  type ProxyTracerProvider,
  type Span,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { checkTraceOptions, resolveRunOptions } from '../options/resolve';
import type { RunPlan } from '../trace/plan';
import { Scope } from '../trace/scope';
import { ATTR_CODE_FUNCTION_NAME } from '../telemetry/attributes';
import { RunMetrics } from '../telemetry/metrics';
import { sharedByCopies, registeredLoggerProvider } from '../base/registry';
import { logger } from '../base/logger';
import { Reporter } from '../base/reporter';
import type { GeneratorCall, RunHooks, RunSummary, TraceOptions } from '../types';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';

/** Shared by everything that is traced by hand. No instrumentation switches it off. */
export const manualScope = new Scope(
  {
    tracer: getTracer,
    metrics: getMetrics,
    logger: () => registeredLoggerProvider()?.getLogger(PACKAGE_NAME, PACKAGE_VERSION),
  },
  new Reporter(() => logger),
);

/** Ends every open run as `interrupted`. Runs may start again: the process may survive, or have another SDK later. */
export function interruptManualRuns(): void {
  manualScope.openRuns.interrupt();
  manualScope.openRuns.canStart = true;
}

/** What the `run` command wants to know of each run: also of those that another copy of this package traces. */
type Observer = Required<Pick<RunHooks, 'shouldTrace' | 'onStart' | 'onEnd'>>;

const observation = sharedByCopies<{ observer?: Observer }>('manual-observation.1', () => ({}));

/** Calls these hooks, before the user's, for what is traced by hand from now on. */
export function observeManualRuns(observer: Observer): void {
  observation.observer = observer;
}

function withObserver({ shouldTrace, onStart, onEnd }: RunHooks, observer: Observer) {
  // What the user's hooks return may be a promise, whose rejection is reported.
  return {
    onStart: (span: Span, call: GeneratorCall): unknown => {
      observer.onStart(span, call);
      return onStart?.(span, call);
    },
    onEnd: (span: Span, summary: RunSummary): unknown => {
      observer.onEnd(span, summary);
      return onEnd?.(span, summary);
    },
    shouldTrace: [observer.shouldTrace, ...(shouldTrace === undefined ? [] : [shouldTrace])],
  };
}

let known: { provider: TracerProvider; tracer: Tracer } | undefined;

/** The tracer of the provider that is registered now; asking the SDK for it costs a look-up by name and version. */
function getTracer(): Tracer {
  const registered = trace.getTracerProvider();
  const provider = (registered as Partial<ProxyTracerProvider>).getDelegate?.() ?? registered;
  if (known?.provider !== provider) {
    known = { provider, tracer: provider.getTracer(PACKAGE_NAME, PACKAGE_VERSION) };
  }
  return known.tracer;
}

let measured: { provider: MeterProvider; metrics: RunMetrics | undefined } | undefined;

/** Likewise, the instruments of the MeterProvider that is registered now. */
function getMetrics(): RunMetrics | undefined {
  const provider = metrics.getMeterProvider();
  if (measured?.provider !== provider) {
    // First, since the provider may throw: it is not asked again with each run.
    measured = { provider, metrics: undefined };
    measured.metrics = RunMetrics.of(provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION));
  }
  return measured.metrics;
}

/** A plan for one function that is traced by hand. */
export function createManualPlan(options: TraceOptions, name: string): RunPlan {
  checkTraceOptions(options);
  const { shouldTrace, classifyError, ...runOptions } = resolveRunOptions(options);
  const { observer } = observation;
  return {
    ...runOptions,
    target: {},
    moduleName: undefined,
    moduleVersion: undefined,
    exportPath: name,
    spanName: options.spanName ?? name,
    spanKind: options.spanKind ?? SpanKind.INTERNAL,
    attributes: { [ATTR_CODE_FUNCTION_NAME]: name, ...options.attributes },
    startOn: (options.startOn ?? 'pull') as RunPlan['startOn'],
    shouldTrace: shouldTrace === undefined ? [] : [shouldTrace],
    classifyError: classifyError === undefined ? [] : [classifyError],
    thenableMembers: [],
    closeMembers: [],
    isLazy: false,
    ...(observer && withObserver(options, observer)),
  };
}
