/**
 * What the clients have in common that Stainless generates (OpenAI's, Anthropic's): their methods return a promise of their
 * own, `APIPromise`, that reads the response when it is asked for.
 */
import type { ErrorClassifier, ThenableMember } from '../run/plan';
import { errorType } from '../telemetry/errors';

/** What they throw where the caller's signal has aborted the request. Its name is `Error`, and it has no code. */
const USER_ABORT = 'APIUserAbortError';

export const apiPromiseMembers: readonly ThenableMember[] = [
  { name: 'withResponse', property: 'data' },
  // The body is the caller's to read then: the run is over with the head of the response.
  { name: 'asResponse' },
  // Of the clients themselves, which make one result of another with it: in `parse()`, or to stream a message.
  { name: '_thenUnwrap' },
];

export const classifyApiError: ErrorClassifier = (error) => (errorType(error) === USER_ABORT ? 'aborted' : undefined);
