import { context } from '@opentelemetry/api';
import type { BodyContexts } from './body-contexts';
import type { ContextSwitch } from './context-switch';

/** By OpenTelemetry's API: with any context manager, on any version of Node. */
export class ApiSwitch implements ContextSwitch {
  constructor(private readonly contexts: BodyContexts) {}

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    // No `thisArg`: with one, the context manager binds the function anew for every pull.
    return context.with(this.contexts.during(context.active()), fn, undefined, a, b);
  }
}
