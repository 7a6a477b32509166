/**
 * The globals of OpenTelemetry that a set-up needs besides the tracer provider. Those that somebody has registered stay.
 */
import { context, createContextKey, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { loadTraceSdk } from './sdk';

const PROBE = createContextKey('opentelemetry-instrumentation-async-generator probe');

/**
 * Registers a context manager, unless there is one.
 *
 * @returns a function that takes it off again
 */
export function provideContextManager(): () => void {
  const isInUse = (contextWith: typeof context.with) =>
    contextWith(ROOT_CONTEXT.setValue(PROBE, true), () => context.active().getValue(PROBE) === true);
  if (isInUse(context.with.bind(context))) return () => {};
  const manager = loadTraceSdk().createContextManager();
  context.setGlobalContextManager(manager);
  return () => {
    if (isInUse(manager.with.bind(manager))) context.disable();
  };
}

/** Registers a propagator likewise, so that the spans of a server are children of its clients', as they are in production. */
export function providePropagator(): () => void {
  if (propagation.fields().length > 0) return () => {};
  const propagator = loadTraceSdk().createPropagator();
  // What the API has is known by what it says.
  const fields = propagator.fields();
  propagator.fields = () => fields;
  propagation.setGlobalPropagator(propagator);
  return () => {
    if (propagation.fields() === fields) propagation.disable();
  };
}
