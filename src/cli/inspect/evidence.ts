/**
 * Whether a function that is not an async-generator function may return an async iterable, or make functions that do. Only a call
 * would tell; its name and its source text say enough to point at it.
 */
import type {
  AnyNode,
  ArrowFunctionExpression,
  FunctionDeclaration,
  FunctionExpression,
  Property,
  SpreadElement,
} from 'acorn';
import { withoutComments } from '../../install/keys';
import { parse } from '../../source/parse';

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
const NOT_A_SOURCE = new RegExp(
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
  if (name.startsWith('_') || CONSTRUCTOR.test(name) || NOT_A_SOURCE.test(name)) return [];
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
  const fn = parseFunction(source);
  if (fn === undefined) return [];
  const { body } = fn;
  const statements = body.type === 'BlockStatement' ? body.body : [];
  const declared = statements.filter((each) => isGenerator(each)).map((each) => (each as FunctionDeclaration).id.name);
  const returned = statements.flatMap((each) =>
    each.type === 'ReturnStatement' && each.argument ? [each.argument] : [],
  );
  for (const value of body.type === 'BlockStatement' ? returned : [body]) {
    if (value.type === 'ObjectExpression') return value.properties.flatMap((each) => memberOf(each) ?? []);
    const isProduct = isGenerator(value) || (value.type === 'Identifier' && declared.includes(value.name));
    // A promise of a function cannot be replaced in it; that of an object can be followed.
    if (isProduct && !fn.async) return ['()'];
  }
  return [];
}

/** The source is an expression, or the method of an object. */
function parseFunction(source: string): ArrowFunctionExpression | FunctionExpression | undefined {
  for (const text of [`(${source})`, `({${source}})`]) {
    try {
      const [statement] = parse(text, 'script').body;
      const value = statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
      const [method] = value?.type === 'ObjectExpression' ? value.properties : [];
      const fn = method?.type === 'Property' ? method.value : value;
      if (fn?.type === 'ArrowFunctionExpression' || fn?.type === 'FunctionExpression') return fn;
    } catch {
      // Native code, for one, and what uses private names.
    }
  }
  return undefined;
}

const isGenerator = (node: AnyNode): boolean =>
  (node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration') && node.async && node.generator;

function memberOf(property: Property | SpreadElement): string | undefined {
  if (property.type !== 'Property' || property.computed || !isGenerator(property.value)) return undefined;
  return property.key.type === 'Identifier' ? `().${property.key.name}` : undefined;
}
