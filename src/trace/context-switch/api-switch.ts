import { activeContext, callWith } from '../context-manager';
import type { BodyContexts } from './body-contexts';
import type { ContextSwitch } from './context-switch';

/** By OpenTelemetry's API: with any context manager, on any version of Node. */
export class ApiSwitch implements ContextSwitch {
  constructor(private readonly contexts: BodyContexts) {}

  enter(): undefined {
    return undefined;
  }

  leave(): void {}

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    return callWith(this.contexts.during(activeContext()).context, fn, a, b);
  }
}
