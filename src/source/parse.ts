/** The parser behind one door. It is loaded with the first file that needs it. */
import type * as Acorn from 'acorn';
import type { AnyNode, Program } from 'acorn';

/** `commonjs`: the body of the CommonJS wrapper, where `return` and `new.target` are allowed. */
export type SourceType = 'module' | 'commonjs' | 'script';

/** @throws {SyntaxError} if `source` cannot be parsed */
export function parse(source: string, sourceType: SourceType): Program {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- not before the first file that needs it
  const acorn = require('acorn') as typeof Acorn;
  return acorn.parse(source, { ecmaVersion: 'latest', sourceType });
}

/** What `use` makes of a source of unknown type: CommonJS if it is that, else a module. */
export function asNodeDoes<Result>(use: (sourceType: SourceType) => Result): Result {
  try {
    return use('commonjs');
  } catch {
    return use('module');
  }
}

/** Where the parameter list of a function starts: its opening parenthesis. */
export function parametersStart(source: string, fn: Acorn.Node): number {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded already
  const acorn = require('acorn') as typeof Acorn;
  const text = source.slice(fn.start, fn.end);
  for (const token of {
    [Symbol.iterator]: () => acorn.tokenizer(text, { ecmaVersion: 'latest' })[Symbol.iterator](),
  }) {
    if (token.type === acorn.tokTypes.parenL) return fn.start + token.start;
  }
  throw new Error('a function without parameters');
}

/** Calls `visit` with the nodes that are directly below `node`, in the order of the source. */
export function eachChild(node: AnyNode, visit: (child: AnyNode) => void): void {
  const fields = node as unknown as Record<string, unknown>;
  for (const key in fields) {
    const value = fields[key];
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) if (isNode(value[index])) visit(value[index] as AnyNode);
    } else if (isNode(value)) visit(value);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof (value as { type?: unknown } | null | undefined)?.type === 'string';
}
