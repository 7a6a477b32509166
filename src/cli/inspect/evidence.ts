/**
 * Whether a function that is not an async-generator function may return an async iterable, or make functions that do. Only a call
 * would tell; its name and its source text say enough to point at it.
 */
import { withoutComments } from '../../install/keys';

/** In a name, as whole words: `streamText`, `readUIMessageStream`, `asyncIterator`. */
const WORDS: ReadonlySet<string> = new Set([
  ...['stream', 'streams', 'subscribe', 'paginate', 'paginated', 'paginator', 'pages', 'iterate'],
]);

/** As a whole: `query()` of agents and databases, `listTopicsAsync()` of Google's clients beside `listTopics()`. */
const NAMES = /^query$|^list[A-Z]\w*Async$/;

/** These alone say as well that it is synchronous. */
const ASYNC_WORDS: ReadonlySet<string> = new Set(['iterator', 'iterable', 'generator']);

/**
 * Functions that say what something is, use up what they are given, or make something else of it: `isReadableStream`,
 * `pipeTextStreamToResponse`, `extractReasoningMiddleware`.
 */
const NO_SOURCE = new RegExp(
  '^(?:is|has|can|should|assert|check|validate|ensure|set|close|end|destroy|cancel|abort|consume|pipe|write|send)(?![a-z])' +
    '|^on[A-Z]|(?:Response|Middleware|Schema|Options|Error)$',
);

/** By convention: `Stream` of `node:stream` is one, without having been written with `class`. */
const CONSTRUCTOR = /^[A-Z][a-z]/;

/** `return this.scan(...)`, `return await scan(...)`. */
const RETURNED_CALL = /\breturn\s+(?:await\s+)?(?:this\.)?([\w$]+)\(/g;

const SOURCE_HAS = 'source: ';
const NAME_HAS = 'name: ';
const PAGES = 'a list of pages';

/** What in a source text tells, the strongest first. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  // A definition; code that only asks whether something is iterable has it, too.
  [/\[Symbol\.?asyncIterator\]\s*(?:\([^()]*\)\s*\{|:|=(?!=))/i, 'Symbol.asyncIterator'],
  [/async_?itera(?:tor|ble)(?!\s*(?:in\b|\]))/i, 'async iterables'],
  [/\bnew (?:\w+\.)?(?:ReadableStream|TransformStream)\b|\bReadable\.from\(|\.pipeThrough\(/, 'a stream'],
  // Clients of HTTP interfaces, many of them generated. What a decoder of text is given looks the same.
  [/(?<!decode\([^)]*)\bstream\s*:(?!\s*false)/, 'a stream option'],
  [/\bgetAPIList\(/, PAGES],
];

/**
 * @param name of the export or method
 * @param source text of the function
 * @param generators names of the module's async-generator functions and methods
 * @returns what speaks for it, in words; empty if nothing does
 */
export function evidenceOf(name: string, source: string, generators: ReadonlySet<string> = new Set()): string[] {
  if (name.startsWith('_') || CONSTRUCTOR.test(name) || NO_SOURCE.test(name)) return [];
  const code = withoutComments(source);
  const called = [...code.matchAll(RETURNED_CALL)].map(([, callee]) => callee as string);
  const returned = called.find((callee) => generators.has(callee));
  if (returned !== undefined) return [`${SOURCE_HAS}returns ${returned}()`];
  const sign = givesGenerator(code) ? 'an async generator' : SIGNS.find(([pattern]) => pattern.test(code))?.[1];
  const words = wordsOf(name);
  const isAsync = words.includes('async');
  const isSync = words.includes('sync');
  const known = words.find((each) => (WORDS.has(each) && !isSync) || (isAsync && ASYNC_WORDS.has(each)));
  const word = known ?? (NAMES.test(name) ? name : undefined);
  return [...(sign === undefined ? [] : [SOURCE_HAS + sign]), ...(word === undefined ? [] : [NAME_HAS + word])];
}

/**
 * Orders guesses, the best first: what is called `stream...`, then the rest, then lists of pages, which are seldom read page
 * by page, and of which clients have dozens.
 */
export function rankOfGuess(name: string, evidence: readonly string[]): number {
  const word = evidence.find((each) => each.startsWith(NAME_HAS))?.slice(NAME_HAS.length);
  if (word !== undefined && name.toLowerCase().startsWith(word)) return 1;
  return evidence.length === 1 && evidence[0] === SOURCE_HAS + PAGES ? 3 : 2;
}

/** An async generator, with what it is assigned to, and its own name. `#1`: a variable, `#2`: a property, `#3`: `function`, `#4`: its name. */
const GENERATOR =
  /(?:\b(?:const|let|var)\s+([\w$]+)\s*=\s*\(?\s*|([\w$\])]\.[\w$]+)\s*=\s*\(?\s*)?\basync\s*(function\s*)?\*\s*([\w$]*)/g;
const LOWERED = /_{1,2}(?:wrap)?asyncGenerator\w*\(/i;

/** Whether what the function returns may be one that it has in it: not one that it puts into a property, nor one for its own use. */
function givesGenerator(code: string): boolean {
  const generators = [...code.matchAll(GENERATOR)];
  return (
    (generators.length === 0 && LOWERED.test(code)) ||
    generators.some(([, variable, property, isFunction, ownName]) => {
      if (property !== undefined) return false;
      const name = variable ?? (isFunction === undefined ? '' : (ownName ?? ''));
      if (name === '') return true;
      return new RegExp(
        String.raw`(?:\breturn\b|=>)[^;{}]*(?<![\w$.])${name.replaceAll('$', String.raw`\$`)}(?![\w$])`,
      ).test(code);
    })
  );
}

/** `readUIMessageStream` -> read, ui, message, stream. */
function wordsOf(name: string): string[] {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return words.map((word) => word.toLowerCase());
}

/** Strings, templates and comments, in which brackets mean nothing, and the brackets. Regular expressions are taken for code. */
const TOKEN =
  /\/\*(?:(?!\*\/)[^])*\*\/|\/\/[^\n]*|'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`|[()[\]{}]/g;

/** What a returned value begins with: an async-generator function, an object, a name. */
const RETURNED = /(?:\breturn|=>)\s*(?:(async\s+function\s*\*)|\(?\s*(\{)|([\w$]+)\s*[;}])/g;

const MEMBER = /(?:^|,)\s*(?:async\s*\*\s*([\w$]+)\s*\(|([\w$]+)\s*:\s*async\s+function\s*\*)/g;

/**
 * What a factory makes, as far as its source text says so plainly: an async-generator function, or an object that has some as
 * members.
 *
 * @param source text of a function
 * @returns what to append to its selector: `()`, or `().name` for each member
 * @example
 * productsOf('function make() { return { async *list() {} }; }') // ['().list']
 */
export function productsOf(source: string): string[] {
  const code = blank(source);
  // A promise of a function cannot be replaced in it; that of an object can be followed.
  const isAsync = /^\s*async\b/.test(code);
  // What functions within it return does not count. Its own body is an expression if it is an arrow function.
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
