/**
 * Where a recorder gets the spans of the process from: a tracer provider that is registered already, or else one that all
 * recorders share. They register it, with a context manager and a propagator, for as long as any of them is at work.
 */
import { context, propagation, trace, TraceFlags, type Attributes, type TracerProvider } from '@opentelemetry/api';
import { apiRegistry, registeredTracerProvider } from '../../base/registry';
import { invalid } from '../../base/invalid';
import { loadTraceSdk, type Sampler } from './sdk';
import type { RecorderSpanProcessor } from './span-log';

/**
 * Sends all spans of the process to the processor.
 *
 * @returns a function that ends it
 * @throws Error if that is impossible, with what to do instead
 */
export function recordSpans(processor: RecorderSpanProcessor, resource: Attributes | undefined): () => void {
  const registered = registeredTracerProvider();
  if (registered === undefined || [...providers.values()].includes(registered as TracerProvider)) {
    return useOwnProvider(processor, resource);
  }
  if (resource !== undefined) {
    throw invalid('resource', resource, 'no resource: a tracer provider is registered already, and has its own');
  }
  const detach = attachTo(registered, processor);
  const removeContextManager = provideContextManager();
  return () => {
    removeContextManager();
    detach();
  };
}

/** What is read of a provider: `addSpanProcessor` is of SDK 1.x, the rest of 2.x and 3.x. */
interface Provider {
  addSpanProcessor?(processor: RecorderSpanProcessor): void;
  _activeSpanProcessor?: { _spanProcessors?: RecorderSpanProcessor[] };
}

/**
 * Sends the spans of a registered provider to the processor as well. The SDK has no way to do that since 2.0, so this relies on
 * two fields that are not public and are the same in 2.x and 3.x.
 *
 * @returns a function that ends it
 * @throws Error if the provider is of another kind, with what to do instead
 */
export function attachTo(provider: object, processor: RecorderSpanProcessor): () => void {
  const { addSpanProcessor, _activeSpanProcessor: active } = provider as Provider;
  if (typeof addSpanProcessor === 'function') {
    addSpanProcessor.call(provider, processor);
    // It stays, and records nothing once its recorder is shut down.
    return () => {};
  }
  if (!Array.isArray(active?._spanProcessors)) {
    throw new Error(
      'SpanRecorder: a tracer provider is registered already, and a recorder cannot be added to it. Make the recorder first, with ' +
        '`new SpanRecorder({ attach: true })`, and give its `spanProcessor` to the provider: ' +
        '`new NodeSDK({ spanProcessors: [recorder.spanProcessor] })`',
    );
  }
  // Another array: the one that is there is the caller's.
  active._spanProcessors = [...active._spanProcessors, processor];
  return () => {
    active._spanProcessors = active._spanProcessors?.filter((each) => each !== processor);
  };
}

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
 * Records everything but the children of spans that are not sampled, as the SDK does by default. Without a recorder it records
 * nothing: a tracer that a module has kept goes on to ask.
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
 * By resource. Never removed, and registered again for a later recorder: a module that keeps its tracer
 * (`const tracer = trace.getTracer('app')`) has that of the first provider it saw.
 */
const providers = new Map<string, TracerProvider>();

/**
 * Registers the shared provider, unless another recorder has done that already.
 *
 * @returns a function that ends the recording, and with the last recorder takes the globals off again
 * @throws Error if the SDK is not installed, or another recorder at work has another resource
 */
function useOwnProvider(processor: RecorderSpanProcessor, resource: Attributes | undefined): () => void {
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
      // Unless a test has registered another one since.
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

/**
 * Registers a context manager, unless there is one.
 *
 * @returns a function that takes it off again
 */
function provideContextManager(): () => void {
  if (apiRegistry()?.context !== undefined) return () => {};
  const manager = loadTraceSdk().createContextManager();
  context.setGlobalContextManager(manager);
  return () => {
    if (apiRegistry()?.context === manager) context.disable();
  };
}

/** Registers a propagator likewise, so that the spans of a server are children of its clients', as they are in production. */
function providePropagator(): () => void {
  if (apiRegistry()?.propagation !== undefined) return () => {};
  const propagator = loadTraceSdk().createPropagator();
  propagation.setGlobalPropagator(propagator);
  return () => {
    if (apiRegistry()?.propagation === propagator) propagation.disable();
  };
}
