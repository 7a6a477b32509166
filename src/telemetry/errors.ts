/**
 * What an error says on a span. Errors are the program's: anything may be thrown, and reading it may throw again.
 */
import { getOwnPropertyDescriptor, isObjectLike } from '../base/intrinsics';

/** Value of `error.type` when nothing better is known (semantic conventions, `error.type`). */
const ERROR_TYPE_OTHER = '_OTHER';

/** A property of what is the program's: undefined where reading it throws. */
export function read(value: unknown, key: string): unknown {
  if (!isObjectLike(value)) return undefined;
  try {
    return (value as unknown as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** The code, where the error has it as a value. A getter of a client's may warn of being deprecated, where the program has not read it. */
function codeOf(error: unknown): unknown {
  try {
    return isObjectLike(error) ? getOwnPropertyDescriptor(error, 'code')?.value : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Whether `error` says that the work was aborted: what `AbortController` and Node's own APIs throw. */
export function isAbortError(error: unknown): boolean {
  return read(error, 'name') === 'AbortError' || codeOf(error) === 'ABORT_ERR';
}

/** Whether it is that of `AbortSignal.timeout()`. */
export function isTimeoutError(error: unknown): boolean {
  return read(error, 'name') === 'TimeoutError';
}

/** `error.type`: the error's name, or its code where the name says nothing or there is none; else its class, else `_OTHER`. */
export function errorType(error: unknown): string {
  const name = read(error, 'name');
  // What every subclass inherits that sets no name of its own.
  if (isText(name) && name !== 'Error') return name;
  const code = codeOf(error);
  if (isText(code)) return code;
  const className = read(read(error, 'constructor'), 'name');
  if (isText(className) && className !== 'Object') return className;
  if (isText(name)) return name;
  return isText(className) ? className : ERROR_TYPE_OTHER;
}

/** The description of an ERROR status: the message, or the text of a value that is not an object. Of the program's code it calls only getters. */
export function errorMessage(error: unknown): string {
  const message = read(error, 'message');
  if (typeof message === 'string') return message;
  // The text of an object would be that of its own `toString`, which is code of the program.
  return isObjectLike(error) ? `a thrown object of type ${errorType(error)}` : String(error);
}

/** An error with its name, for our messages. */
export function errorText(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error that cannot be printed';
  }
}

/** What `Span.recordException` takes, with whatever of it can be read. */
export interface RecordedException {
  readonly name: string;
  readonly message: string;
  /** With the stacks of its causes, as Node prints them. */
  readonly stack?: string;
}

export function toException(error: unknown): RecordedException {
  const stack = stackOf(error);
  return {
    name: errorType(error),
    message: errorMessage(error),
    ...(stack !== '' && { stack }),
  };
}

/** A chain of causes may be a circle, or without an end. */
const MAX_CAUSES = 8;

function stackOf(error: unknown): string {
  let text = '';
  let cause = error;
  for (let depth = 0; depth <= MAX_CAUSES; depth++) {
    const stack = read(cause, 'stack');
    if (!isText(stack)) break;
    text += depth === 0 ? stack : `\n[cause]: ${stack}`;
    cause = read(cause, 'cause');
    if (cause === error) break;
  }
  return text;
}
