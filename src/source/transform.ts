/** Inserts a call of the registrar at each selected definition, in the line where it is. What a call does is in registrar.ts. */
import type { ClassBody } from 'acorn';
import { findPlaces } from './definitions';
import type { Definition, Found, FunctionNode, Place, ScopeNode } from './places';
import { parametersStart, type SourceType } from './parse';
import { staticKey } from './paths';
import { Lines, skipperOf } from './text';

export type { SourceType };

export interface TransformOptions {
  /** `commonjs`: the body of the CommonJS wrapper, where `return` is allowed. */
  readonly sourceType: SourceType;
  /** Name of the global variable that holds the registrar. It must not occur in the source. */
  readonly registrar: string;
  /** Handed back in every call. */
  readonly file: number;
  /** Whether a definition is to be registered; `index` is its number in calls. Not asked of what is not traceable. */
  readonly select: (definition: Definition, index: number) => boolean;
}

export interface TransformResult {
  /** The source itself where nothing is selected. */
  readonly code: string;
  /** All that the source has, selected or not. */
  readonly definitions: readonly Definition[];
  /** Indexes in `definitions` of those that are registered. */
  readonly selected: readonly number[];
  /** For source maps: where in the original source how much was inserted, line and column from 0, in order. */
  readonly insertions: readonly { readonly line: number; readonly column: number; readonly length: number }[];
}

/**
 * The source with calls of the registrar for the definitions that are selected. No line moves.
 *
 * @throws {SyntaxError} if the source cannot be parsed
 * @throws {Error} if the name of the registrar occurs in the source
 * @example
 * transform('async function* pages() {}', { sourceType: 'module', registrar: '$r', file: 0, select: () => true }).code;
 * // 'pages=$r.f(pages,0,0);async function* pages() {}'
 */
export function transform(source: string, options: TransformOptions): TransformResult {
  const found = findPlaces(source, options.sourceType);
  const definitions = found.map(({ definition }) => definition);
  const selected = [...found.keys()].filter((index) => {
    const { definition } = found[index] as Found;
    return definition.isTraceable && options.select(definition, index);
  });
  if (selected.length === 0) return { code: source, definitions, selected, insertions: [] };
  if (source.includes(options.registrar)) {
    throw new Error(`The source contains "${options.registrar}", the name of the registrar: it needs another one`);
  }
  const edits = new Edits(source);
  for (const index of selected) new Registration(source, options, edits, found[index] as Found, index).insert();
  return { ...edits.apply(), definitions, selected };
}

/** Names that no variable can have in every code which can have them as the name of a function. */
const NO_VARIABLE = ['arguments', 'await', 'eval', 'let', 'yield'];

/** The insertions for one definition. */
class Registration {
  private readonly registrar: string;
  /** What every call ends with. */
  private readonly reference: string;

  constructor(
    private readonly source: string,
    { registrar, file }: TransformOptions,
    private readonly edits: Edits,
    private readonly found: Found,
    private readonly index: number,
  ) {
    this.registrar = registrar;
    this.reference = `${file},${index})`;
  }

  insert(): void {
    const { node, place } = this.found;
    switch (place.kind) {
      case 'declaration':
        this.declaration(node, place.scope);
        return;
      case 'expression':
        this.expression(node, place);
        return;
      case 'property':
        this.property(place);
        return;
      case 'method':
        this.method(place);
    }
  }

  /** The variable of a declared function has it from the start of its scope: from there on it has the traced one. */
  private declaration(node: FunctionNode, scope: ScopeNode): void {
    const { edits, index, registrar } = this;
    if (node.type === 'ArrowFunctionExpression' || !node.id) {
      // `export default async function* () {}`: nothing in the source refers to it.
      const variable = `${registrar}_default`;
      edits.statement(startOf(scope), `${variable}=${this.call('n', variable, '"default"')};`, index);
      edits.after(parametersStart(this.source, node), ` ${variable}`, index);
      return;
    }
    const { name } = node.id;
    const assignment = `${name}=${this.call('f', name)}`;
    if (scope === node) {
      edits.statement(node.start, `{${assignment};`, index);
      edits.after(node.end, '}', index);
      return;
    }
    // In a `switch` whose cases are not only a default, the first test is evaluated before anything else.
    const test = scope.type === 'SwitchStatement' ? scope.cases.find((each) => each.test)?.test : undefined;
    if (test) edits.statement(test.start, `${assignment},`, index);
    else edits.statement(startOf(scope), `${assignment};`, index);
  }

  private expression(node: FunctionNode, { givenName, isNewCallee }: Extract<Place, { kind: 'expression' }>): void {
    const { edits, found, index, reference, registrar } = this;
    const [open, close] = isNewCallee ? ['(', ')'] : ['', ''];
    const id = node.type === 'ArrowFunctionExpression' ? undefined : node.id;
    if (id && found.ownName !== undefined && !NO_VARIABLE.includes(id.name)) {
      // Its own code finds the traced function by its name.
      edits.before(node.start, `${open}(()=>{const ${id.name}=${registrar}.p({${keyOf(id.name)}:`, index);
      edits.blank(id.start, id.end, index);
      edits.after(node.end, `},${reference};return ${id.name}})()${close}`, index);
    } else if (id) {
      edits.before(node.start, `${open}${registrar}.f(`, index);
      edits.after(node.end, `,${reference}${close}`, index);
    } else if (givenName !== undefined) {
      // In an object literal it gets the name that its place gave it.
      edits.before(node.start, `${open}${registrar}.p({${keyOf(givenName)}:`, index);
      edits.after(node.end, `},${reference}${close}`, index);
    } else {
      // V8 calls a function in stacks after the place where it is, unless a call is there: `exports.pages = async function* () {}`.
      edits.before(node.start, `(0,new ${registrar}.a(`, index);
      edits.after(node.end, `,${reference})`, index);
    }
    if (node.type === 'ArrowFunctionExpression' && needsSemicolon(this.source, node)) edits.semicolon(node.end);
  }

  private property({ property, literal }: Extract<Place, { kind: 'property' }>): void {
    const { edits, found, index, reference, registrar } = this;
    if (found.usesSuper) {
      // `super` is looked up from the object that the method was written in.
      edits.before(literal.start, `(${registrar}.m(`, index);
      edits.after(literal.end, `,${text(staticKey(property) ?? '')},${reference})`, index);
      return;
    }
    edits.before(property.start, `...${registrar}.o({`, index);
    edits.after(property.end, `},${reference}`, index);
  }

  private method({ method, owner: { id, type, body, end } }: Extract<Place, { kind: 'method' }>): void {
    const { edits, index, reference, registrar } = this;
    const { key } = method;
    const name = staticKey(method);
    if (key.type === 'PrivateIdentifier') {
      // Only its class can reach it. It keeps its name for everyone in there, and gets another for us.
      const modifier = method.static ? 'static ' : '';
      const getter = `get #${key.name}(){return ${this.call('n', `this.#${key.name}${registrar}`, text(`#${key.name}`))}}`;
      const setter = `set #${key.name}(v){${registrar}.w(${text(`#${key.name}`)})}`;
      edits.after(key.end, registrar, index);
      edits.after(method.end, `${modifier}${getter}${modifier}${setter}`, index);
      return;
    }
    if (type === 'ClassDeclaration' && id && name !== undefined && !body.body.some(mayRunCode)) {
      // Behind it, so that its text stays as it was written.
      const owner = method.static ? id.name : `${id.name}.prototype`;
      edits.statement(end, `${this.call('m', owner, text(name))};`, index);
      return;
    }
    const owner = method.static ? 'this' : 'this.prototype';
    if (name === undefined) {
      edits.before(key.start, `${registrar}.k((`, index);
      edits.after(key.end, `),${reference}`, index);
    }
    const call = name === undefined ? this.call('l', owner) : this.call('m', owner, text(name));
    // Before the first static field can see it.
    edits.statement(body.start + 1, `static{${call}}`, index);
  }

  private call(method: string, ...args: string[]): string {
    return `${this.registrar}.${method}(${args.join(',')},${this.reference}`;
  }
}

/** Whether a member of a class is evaluated with it, and so may call the methods of that. */
function mayRunCode(member: ClassBody['body'][number]): boolean {
  return member.type === 'StaticBlock' || (member.type === 'PropertyDefinition' && member.static);
}

/** Where the first statement of a scope starts that is not a directive. */
function startOf(scope: ScopeNode): number {
  if (scope.type === 'FunctionDeclaration') return scope.start;
  const statements = scope.type === 'SwitchStatement' ? scope.cases.flatMap((each) => each.consequent) : scope.body;
  const first = statements.find((each) => !(each.type === 'ExpressionStatement' && each.directive !== undefined));
  return (first ?? scope).start;
}

/** Whether the next line starts with what would go on with a call. After an arrow function the language puts a semicolon there. */
function needsSemicolon(source: string, { body, end }: FunctionNode): boolean {
  // An expression would have gone on there, too.
  if (body.type !== 'BlockStatement' && body.type !== 'ArrowFunctionExpression') return false;
  return '([`+-*/'.includes(source.charAt(skipperOf(source)(end)) || ' ');
}

/** A string literal on one line. */
function text(value: string): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`);
}

/** The key of a property of that name, never the one that sets the prototype. */
function keyOf(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : text(name);
}

/** What goes first where several insertions meet: ends of what is before, then statements, then starts of what follows. */
const RANKS = { end: 0, statement: 1, start: 2 };

interface Edit {
  readonly at: number;
  readonly text: string;
  readonly rank: number;
  /** Of the definition that it is for. */
  readonly index: number;
  /** How many units of the source it takes the place of. */
  readonly replaces: number;
}

/** Changes of a source that move no line. */
class Edits {
  private readonly all: Edit[] = [];
  private readonly semicolons = new Set<number>();

  constructor(private readonly source: string) {}

  /** Inserts an expression, or the start of one, before what is at `at`. */
  before(at: number, text: string, index: number): void {
    this.add(at, text, RANKS.start, index);
  }

  after(at: number, text: string, index: number): void {
    this.add(at, text, RANKS.end, index);
  }

  /** Inserts something that ends by itself. */
  statement(at: number, text: string, index: number): void {
    this.add(at, text, RANKS.statement, index);
  }

  /** Ends a statement, once, after everything that is inserted there. */
  semicolon(at: number): void {
    if (this.semicolons.has(at)) return;
    this.semicolons.add(at);
    this.add(at, ';', RANKS.end, -1);
  }

  /** Replaces text by as many blanks. */
  blank(start: number, end: number, index: number): void {
    const replaces = end - start;
    this.all.push({ at: start, text: ' '.repeat(replaces), rank: RANKS.start, index, replaces });
  }

  private add(at: number, text: string, rank: number, index: number): void {
    // `return(a) => a` needs no space before it is called with something.
    const isGlued = /^[\w$]/.test(text) && rank !== RANKS.end && /[\w$\u0080-\uffff]/.test(this.source.charAt(at - 1));
    this.all.push({ at, text: isGlued ? ` ${text}` : text, rank, index, replaces: 0 });
  }

  apply(): { code: string; insertions: { line: number; column: number; length: number }[] } {
    // Outer definitions come before inner ones: theirs is the first start and the last end.
    this.all.sort(
      (a, b) => a.at - b.at || a.rank - b.rank || (a.rank === RANKS.end ? b.index - a.index : a.index - b.index),
    );
    const lines = new Lines(this.source);
    const parts: string[] = [];
    const insertions: { line: number; column: number; length: number }[] = [];
    let done = 0;
    for (const { at, text, replaces } of this.all) {
      parts.push(this.source.slice(done, at), text);
      done = at + replaces;
      if (text.length > replaces) insertions.push({ ...lines.positionOf(at), length: text.length - replaces });
    }
    parts.push(this.source.slice(done));
    return { code: parts.join(''), insertions };
  }
}
