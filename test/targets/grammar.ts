/**
 * A generator of random texts from a grammar in EBNF (ISO 14977: what the package publishes), each with its syntax tree.
 */

/** A piece of a generated text: what a rule came to, or a terminal, which has no rule. */
export interface SyntaxNode {
  readonly rule: string | undefined;
  readonly text: string;
  readonly children: readonly SyntaxNode[];
}

type Expression =
  | { readonly kind: 'rule' | 'text' | 'special'; readonly value: string }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Expression[] }
  | { readonly kind: 'optional' | 'repeated' | 'group'; readonly of: Expression };

export type Grammar = ReadonlyMap<string, Expression>;

/** Reads the ```ebnf blocks out of a source file or a document. */
export function readGrammar(source: string): Grammar {
  const blocks = [...source.matchAll(/```ebnf\n(.*?)```/gs)].map(([, block = '']) => block.replace(/^ *\* ?/gm, ''));
  const tokens = blocks.join('').match(/"[^"]*"|\?[^?]*\?|[a-z]+|[=,;|[\]{}()]/g) ?? [];
  const rules = new Map<string, Expression>();
  let at = 0;
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`the grammar has ${token ?? 'an end'} where it should have ${expected ?? 'more'}`);
    }
    return token;
  };
  const takeIf = (token: string): boolean => tokens[at] === token && Boolean(take());
  const choice = (): Expression => {
    const parts = [sequence()];
    while (takeIf('|')) parts.push(sequence());
    return { kind: 'choice', parts };
  };
  const sequence = (): Expression => {
    const parts = [single()];
    while (takeIf(',')) parts.push(single());
    return { kind: 'sequence', parts };
  };
  const enclosed = (kind: 'optional' | 'repeated' | 'group', end: string): Expression => {
    const of = choice();
    take(end);
    return { kind, of };
  };
  const single = (): Expression => {
    const token = take();
    if (token === '[') return enclosed('optional', ']');
    if (token === '{') return enclosed('repeated', '}');
    if (token === '(') return enclosed('group', ')');
    if (token.startsWith('"')) return { kind: 'text', value: token.slice(1, -1) };
    if (token.startsWith('?')) return { kind: 'special', value: token.slice(1, -1).trim() };
    return { kind: 'rule', value: token };
  };
  while (at < tokens.length) {
    const name = take();
    take('=');
    rules.set(name, choice());
    take(';');
  }
  return rules;
}

/** Random numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Generates one text.
 *
 * @param specials for each rule that the grammar describes in words: what makes a text of it
 */
export function generate(
  grammar: Grammar,
  rule: string,
  random: () => number,
  specials: Readonly<Record<string, () => string>>,
): SyntaxNode {
  const expand = (expression: Expression, inRule: string): SyntaxNode[] => {
    switch (expression.kind) {
      case 'text':
        return [{ rule: undefined, text: expression.value, children: [] }];
      case 'special': {
        const special = specials[inRule];
        if (special === undefined) throw new Error(`nothing makes a ${inRule}: ${expression.value}`);
        return [{ rule: undefined, text: special(), children: [] }];
      }
      case 'rule':
        return [generate(grammar, expression.value, random, specials)];
      case 'sequence':
        return expression.parts.flatMap((part) => expand(part, inRule));
      case 'choice':
        return expand(expression.parts[Math.floor(random() * expression.parts.length)] as Expression, inRule);
      case 'optional':
        return random() < 0.5 ? expand(expression.of, inRule) : [];
      case 'group':
        return expand(expression.of, inRule);
      case 'repeated': {
        const nodes: SyntaxNode[] = [];
        while (random() < 0.4) nodes.push(...expand(expression.of, inRule));
        return nodes;
      }
    }
  };
  const expression = grammar.get(rule);
  if (expression === undefined) throw new Error(`the grammar has no rule ${rule}`);
  const children = expand(expression, rule);
  return { rule, text: children.map(({ text }) => text).join(''), children };
}

/** The nodes of a rule below `node`, not looking inside those found. */
export function nodesOf(node: SyntaxNode, rule: string): SyntaxNode[] {
  return node.children.flatMap((child) => (child.rule === rule ? [child] : nodesOf(child, rule)));
}
