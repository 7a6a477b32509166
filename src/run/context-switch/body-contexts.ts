import type { Context } from '@opentelemetry/api';
import { contextOfBody, type RunIdentity } from '../context';

/** The contexts that the body of one run runs in. */
export class BodyContexts {
  private seen: Context | undefined;
  private body: Context | undefined;

  /**
   * @param creation the context of the call, with `contextFrom: 'creation'`: every pull then runs in it
   */
  constructor(
    private readonly run: RunIdentity,
    private readonly creation: Context | undefined,
  ) {}

  /** The body's context for a pull in the context `active`. The same one gives the same one, so a loop makes none. */
  during(active: Context): Context {
    const outer = this.creation ?? active;
    if (this.body === undefined || this.seen !== outer) {
      this.seen = outer;
      this.body = contextOfBody(outer, this.run);
    }
    return this.body;
  }
}
