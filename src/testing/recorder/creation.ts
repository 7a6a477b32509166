/**
 * Where in the program a run was created. Kept as text: a stack that is still to be written holds on to the functions in
 * it, and with them to generators that would else be collected.
 */
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of this package: what is running, and what source maps say that it was made from. */
const OWN_FOLDER = path.resolve(__dirname, '../..');
const OWN_FOLDERS = [OWN_FOLDER, OWN_FOLDER.replace(/([\\/])build[\\/]src$/, '$1src')].map(
  (folder) => folder + path.sep,
);
const FRAMES_TO_LOOK_AT = 30;
const FRAMES_TO_KEEP = 4;

const NOT_THE_PROGRAM = [
  /^node:/,
  /[\\/]node_modules[\\/](?:@opentelemetry|chai|jest[^\\/]*|mocha|tsx|vitest|@vitest|@jest)[\\/]/,
];

/** Calls of the program that lead to this moment, innermost first, for example `readOrders (src/orders.js:12:3)`. */
export function captureCalls(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES_TO_LOOK_AT;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return typeof stack === 'string' ? callsIn(stack) : [];
}

/** @param stack as V8 writes it */
export function callsIn(stack: string): string[] {
  const calls: string[] = [];
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:(.*) \()?(.*?)(:\d+:\d+)\)?$/.exec(line);
    if (frame === null) continue;
    const [, name, file = '', position = ''] = frame;
    const location = toPath(file);
    if (!isOfTheProgram(location)) continue;
    const relative = path.isAbsolute(location) ? path.relative(process.cwd(), location) : location;
    calls.push(name === undefined ? `${relative}${position}` : `${name} (${relative}${position})`);
    if (calls.length === FRAMES_TO_KEEP) break;
  }
  return calls;
}

function isOfTheProgram(location: string): boolean {
  return (
    !OWN_FOLDERS.some((folder) => location.startsWith(folder)) &&
    !NOT_THE_PROGRAM.some((pattern) => pattern.test(location))
  );
}

function toPath(file: string): string {
  const location = file.replace(/^async /, '');
  try {
    return location.startsWith('file:') ? fileURLToPath(location) : location;
  } catch {
    return location;
  }
}
