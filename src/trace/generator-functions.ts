/**
 * Which functions are async generators: those of the language, and those that a compiler has lowered to plain functions. Asked where a
 * function is patched, never where it is called.
 */
import { type AnyFunction, functionToString, isAsyncGeneratorFunction, OwnWeakMap } from '../base/intrinsics';

/** What compilers call their helpers: TypeScript and esbuild, Babel, swc. Bundlers add a number to names that they have twice. */
const HELPER = String.raw`(?:\(0,\s*)?(?:[\w$]+\.)*(?:__asyncGenerator|_?wrapAsyncGenerator|_?wrap_async_generator|asyncGenerator\.wrap)\$?\d*(?:\.default|\._)?\)?\s*\(`;
const RETURNED_HELPER = new RegExp(String.raw`\breturn\s+${HELPER}`);

/** What Babel makes of a function that is not a method: `function pages(_x) { return _pages.apply(this, arguments); }`. */
const FORWARDER = /^function\s*[\w$]*\s*\([\w$,\s]*\)\s*\{\s*return\s+([\w$]+)\.apply\(this,\s*arguments\);?\s*\}$/;

/** A function that only forwards to what a helper made is no longer than this. */
const LONGEST_FORWARDER = 500;

const known = new OwnWeakMap<AnyFunction, boolean>();

/**
 * Whether `value` is an async-generator function, by its brand or by what is known of compilers.
 *
 * @param readSource gives the text of the file that defines it, if it is at hand: some compilers leave no trace of their helper in the
 *   function itself
 */
export function isGeneratorFunction(value: unknown, readSource?: () => string | undefined): value is AnyFunction {
  if (typeof value !== 'function') return false;
  const fn = value as AnyFunction;
  if (isAsyncGeneratorFunction(fn)) return true;
  let answer = known.get(fn);
  if (answer === undefined || (!answer && readSource !== undefined)) {
    answer = isLowered(fn, readSource);
    known.set(fn, answer);
  }
  return answer;
}

function isLowered(fn: AnyFunction, readSource?: () => string | undefined): boolean {
  const source = functionToString(fn);
  const returned = RETURNED_HELPER.exec(source);
  if (returned !== null) return isOwnStatement(source.slice(0, returned.index));
  if (readSource === undefined || source.length > LONGEST_FORWARDER) return false;
  const callee = FORWARDER.exec(source)?.[1];
  return callee !== undefined && isMadeByHelper(callee, source, readSource() ?? '');
}

/** Whether what follows in a function is a statement of its own, not one of a function in it. No arrow function is a generator. */
function isOwnStatement(before: string): boolean {
  const depth = before.split('{').length - before.split('}').length;
  return depth === 1 && !/=>|.\bfunction\b|.\bclass\b/s.test(before);
}

/** Whether the assignment to `callee` that belongs to the function is one of what a helper gives. Names are used again in other scopes. */
function isMadeByHelper(callee: string, source: string, file: string): boolean {
  const position = file.indexOf(source);
  if (position < 0) return false;
  const assignment = new RegExp(
    String.raw`(?<![\w$.])${callee.replaceAll('$', String.raw`\$`)}\s*=(?!=)\s*(${HELPER})?`,
    'g',
  );
  const assignments = [...file.matchAll(assignment)];
  const nearest = assignments.findLast(({ index }) => index < position) ?? assignments[0];
  return nearest?.[1] !== undefined;
}
