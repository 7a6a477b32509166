import * as path from 'node:path';
import type { SerializedError } from './types';

/** An exception in words. Never throws: modules throw the strangest things. */
export function serializeError(error: unknown): SerializedError {
  try {
    if (!(error instanceof Error)) return { message: `not an Error, but ${String(error)}` };
    const { code } = error as { code?: unknown };
    return {
      code: typeof code === 'string' ? code : undefined,
      message: `${error.name}: ${error.message}`,
      at: placeIn(String(error.stack)),
    };
  } catch {
    return { message: 'something that cannot be put into words' };
  }
}

/** Node's own code, and the hooks that stand between it and the program. */
const isForeign = (line: string) => /[( ]node:|import-in-the-middle/.test(line) || line.includes(OUR_FOLDER);

const OUR_FOLDER = path.resolve(__dirname, '../..') + path.sep;

/** First line of the stack that is in a file of the program. */
function placeIn(stack: string): string | undefined {
  // Of a syntax error the place stands in front of the message.
  const inFront = /^(\/[^\n]+|file:[^\n]+|[A-Za-z]:\\[^\n]+):(\d+)\n/.exec(stack);
  if (inFront !== null) return `${inFront[1] as string}:${inFront[2] as string}`;
  const line = stack.split('\n').find((each) => /^\s+at .*(?:\/|\\)/.test(each) && !isForeign(each));
  return line && /(?:\(|at )((?:file:|\/|[A-Za-z]:\\).*?:\d+):\d+\)?$/.exec(line)?.[1];
}
