import type { RecorderSpanProcessor } from './span-log';

/** What is read of a provider: `addSpanProcessor` is of SDK 1.x, the rest of 2.x and 3.x. */
interface Provider {
  addSpanProcessor?(processor: RecorderSpanProcessor): void;
  _activeSpanProcessor?: { _spanProcessors?: RecorderSpanProcessor[] };
}

/**
 * Sends the spans of a provider that is at work already to the processor as well. The SDK has no way to do that since 2.0, so
 * this leans on two fields that are not public and are the same in 2.x and 3.x.
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
