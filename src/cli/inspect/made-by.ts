/**
 * What a factory makes, as far as its source text says so in plain words: an async-generator function, or an object that has some
 * as members. Nobody can know without a call, and what this finds is shown as a guess.
 */

/** Strings, templates and comments, in which brackets mean nothing, and the brackets. Regular expressions are taken for code. */
const TOKEN =
  /\/\*(?:(?!\*\/)[^])*\*\/|\/\/[^\n]*|'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`|[()[\]{}]/g;

/** What a returned value begins with: an async-generator function, an object, a name. */
const RETURNED = /(?:\breturn|=>)\s*(?:(async\s+function\s*\*)|\(?\s*(\{)|([\w$]+)\s*[;}])/g;

const MEMBER = /(?:^|,)\s*(?:async\s*\*\s*([\w$]+)\s*\(|([\w$]+)\s*:\s*async\s+function\s*\*)/g;

/**
 * @param source text of a function
 * @returns what to append to its selector: `()`, or `().name` for each member
 * @example
 * madeBy('function make() { return { async *list() {} }; }') // ['().list']
 */
export function madeBy(source: string): string[] {
  const code = blank(source);
  // A promise of a function cannot be replaced in it; that of an object can be followed.
  const isAsync = /^\s*async\b/.test(code);
  // What functions within return is none of this one's business. Its own body is an expression if it is an arrow function.
  const arrow = /^[^{]*?=>\s*(?!\s*\{)/.exec(code);
  const depthOfBody = arrow === null ? 1 : 0;
  for (const match of code.matchAll(RETURNED)) {
    const [text, generator, object, name] = match;
    const isOwn = arrow === null ? text.startsWith('return') : match.index === code.indexOf('=>');
    if (!isOwn || depthAt(code, match.index) !== depthOfBody) continue;
    const start = match.index + text.length;
    if (object !== undefined) return membersOf(code, start - 1).map((member) => `().${member}`);
    const isFunction = generator === undefined ? isDeclared(code, String(name)) : !isCalled(code, start);
    if (isFunction && !isAsync) return ['()'];
  }
  return [];
}

/** As long as it was, but with nothing in strings and comments. */
function blank(source: string): string {
  return source.replace(TOKEN, (token) => (token.length === 1 ? token : ' '.repeat(token.length)));
}

function depthAt(code: string, index: number): number {
  let depth = 0;
  for (const [token] of code.slice(0, index).matchAll(/[{}]/g)) depth += token === '{' ? 1 : -1;
  return depth;
}

/** Index behind the bracket that closes the one at `start`. */
function endOf(code: string, start: number): number {
  let depth = 0;
  for (const { 0: token, index } of code.slice(start).matchAll(/[()[\]{}]/g)) {
    depth += /[([{]/.test(token) ? 1 : -1;
    if (depth === 0) return start + index + 1;
  }
  return code.length;
}

/** Whether a function expression, behind whose `function*` this is, is called at once. */
function isCalled(code: string, start: number): boolean {
  const end = endOf(code, code.indexOf('{', endOf(code, code.indexOf('(', start))));
  return /^\s*[(.]/.test(code.slice(end));
}

const isDeclared = (code: string, name: string) =>
  new RegExp(String.raw`\basync\s+function\s*\*\s*${name.replaceAll('$', '\\$')}\s*\(`).test(code);

/** Names of the async-generator functions in an object literal. */
function membersOf(code: string, start: number): string[] {
  const inside = code.slice(start + 1, endOf(code, start) - 1);
  let flat = '';
  // Without what lies deeper, which would look the same.
  for (let index = 0; index < inside.length; index++) {
    if (inside[index] === '{' || inside[index] === '[') index = endOf(inside, index) - 1;
    else flat += inside[index] as string;
  }
  return [...flat.matchAll(MEMBER)].map(([, method, property]) => (method ?? property) as string);
}
