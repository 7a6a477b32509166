/**
 * What the clients have in common that Stainless generates (OpenAI's, Anthropic's).
 */
import type { ErrorClassifier } from '../trace/plan';
import { errorType } from '../telemetry/errors';

/** What they throw where the caller's signal has aborted the request. Its name is `Error`, and it has no code. */
const USER_ABORT = 'APIUserAbortError';

export const classifyApiError: ErrorClassifier = (error) => (errorType(error) === USER_ABORT ? 'aborted' : undefined);

/** The streams end their iteration without an error where `stream.controller.abort()` closes them. */
export const stainless = { classifyError: classifyApiError, closeMembers: ['controller.abort'] };
