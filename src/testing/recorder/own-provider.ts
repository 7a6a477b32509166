/**
 * The tracer provider, the context manager and the propagator that the recorders of a process share, while there is any recorder and no
 * provider of somebody else's.
 */
import { trace, TraceFlags, type Attributes, type TracerProvider } from '@opentelemetry/api';
import { registeredTracerProvider } from '../../base/registry';
import { provideContextManager, providePropagator } from './globals';
import { loadTraceSdk, type Sampler } from './sdk';
import type { RecorderSpanProcessor } from './span-log';

/** `SamplingDecision` of the SDKs. */
const NOT_RECORD = 0;
const RECORD_AND_SAMPLED = 2;

const recording = new Set<RecorderSpanProcessor>();

const toAllRecorders: RecorderSpanProcessor = {
  onStart(span, parentContext) {
    for (const processor of recording) processor.onStart(span, parentContext);
  },
  onEnd(span) {
    for (const processor of recording) processor.onEnd(span);
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * As the SDK's default, everything but what a caller elsewhere has decided against. Without a recorder nothing: a tracer
 * that a module has kept goes on to ask.
 */
const sampler: Sampler = {
  shouldSample(parentContext) {
    const parent = trace.getSpanContext(parentContext);
    const isUnsampled = parent !== undefined && (parent.traceFlags & TraceFlags.SAMPLED) === 0;
    return { decision: recording.size === 0 || isUnsampled ? NOT_RECORD : RECORD_AND_SAMPLED };
  },
  toString: () => 'SpanRecorderSampler',
};

/**
 * By resource. Kept for good, and registered again for a later recorder: a module that keeps its tracer
 * (`const tracer = trace.getTracer('app')`) has that of the first provider it saw.
 */
const providers = new Map<string, TracerProvider>();

/** Whether a provider is one that recorders have set up. */
export function isOwnProvider(provider: object): boolean {
  return [...providers.values()].includes(provider as TracerProvider);
}

/**
 * Sends spans to the processor: of a provider that is registered globally, with a context manager, unless other recorders
 * have done that already.
 *
 * @returns a function that ends it, and with the last recorder takes off the globals that were put on
 * @throws Error if the SDK is not installed, or another recorder at work has another resource
 */
export function useOwnProvider(processor: RecorderSpanProcessor, resource: Attributes | undefined): () => void {
  const registered = registeredTracerProvider();
  // A recorder that asks for no resource takes what there is.
  const provider = resource === undefined && registered !== undefined ? registered : providerFor(resource);
  if (registered === undefined) {
    const removeOthers = [provideContextManager(), providePropagator()];
    if (!trace.setGlobalTracerProvider(provider as TracerProvider)) {
      for (const remove of removeOthers) remove();
      throw new Error('SpanRecorder: the tracer provider could not be registered; diag has the reason');
    }
    takeOff = () => {
      // Unless a test has put on others since.
      if (registeredTracerProvider() === provider) trace.disable();
      for (const remove of removeOthers) remove();
    };
  } else if (registered !== provider) {
    throw new Error(
      'SpanRecorder: another recorder is at work, with another resource; give all of them the same, or shut it down first',
    );
  }
  recording.add(processor);
  return () => {
    recording.delete(processor);
    if (recording.size > 0) return;
    takeOff?.();
    takeOff = undefined;
  };
}

let takeOff: (() => void) | undefined;

function providerFor(resource: Attributes | undefined): TracerProvider {
  const key = JSON.stringify(resource) ?? '';
  const known = providers.get(key);
  if (known !== undefined) return known;
  const sdk = loadTraceSdk();
  const provider = sdk.createProvider({
    spanProcessors: [toAllRecorders],
    sampler,
    ...(resource !== undefined && { resource: sdk.createResource(resource) }),
  });
  providers.set(key, provider);
  return provider;
}
