/**
 * Programs made up of every form in which the language lets one write a function, in every place where one may stand. A program tells what it
 * can find out about its functions by `show`, and what happens by `log`.
 */
import fc from 'fast-check';

export type Mode = 'sloppy' | 'strict' | 'module';

export interface Form {
  readonly kind: string;
  readonly params: string;
  readonly body: string;
  /** Chooses between spellings. */
  readonly variant: number;
  readonly inner: readonly Form[];
}

export interface Program {
  readonly mode: Mode;
  readonly forms: readonly Form[];
}

const PARAMS = ['', 'a', 'a, b = 2', '{ a } = {}', '...rest', 'a = Object(7)'] as const;

const BODIES = [
  'yield 1; return 2',
  'yield typeof this; yield new.target === undefined',
  "yield 1\nthrow new Error('boom')",
  "try { yield 1; yield 2 } finally { log('finally') }",
  'const got = yield\nyield got',
  'yield* [1, 2]\nnull.property',
  'yield await 1; (() => { throw new RangeError(String(this === undefined)) })()',
  'for await (const x of [1, 2]) yield x',
  'yield () => this',
] as const;

interface Parts {
  /** A name that no other form has. */
  readonly n: string;
  readonly params: string;
  /** Other forms, which its body starts with. */
  readonly before: string;
  readonly body: string;
  readonly variant: number;
}

type Render = (parts: Parts) => string;

const pick = <T>(variant: number, ...values: T[]): T => values[variant % values.length] as T;

/** What functions of any kind may do. */
const PLAIN_BODY = "log(typeof this, new.target === undefined)\nthrow new Error('plain')";
const FUNCTIONS = [
  ...['async function*', 'async function *', 'async /* * */ function /* ( */ *', 'async\tfunction*'],
  ...['function', 'async function', 'function*'],
];
const METHODS = ['async *', 'async*', 'async /* * */ *', '', 'async ', '*'];

const named = (name: string, { params, before, body, variant }: Parts) =>
  `${pick(variant, ...FUNCTIONS)} ${name}(${params}) { ${before}${variant % 7 < 4 ? body : PLAIN_BODY} }`;
const anonymous = (parts: Parts) => named('', parts);
const arrow = ({ params, variant }: Parts) =>
  `${pick(variant, '', 'async ')}(${params}) => ${pick(variant >> 1, '1', '{ return this }')}`;
const method = (key: string, { params, before, body, variant }: Parts, modifier = '') =>
  `${modifier}${pick(variant, ...METHODS)}${key}(${params}) { ${before}${variant % 6 < 3 ? body : PLAIN_BODY} }`;

const EVERYWHERE: Record<string, Render> = {
  declaration: (p) => `show('${p.n}', ${p.n})\n${named(p.n, p)}\nlog(typeof ${p.n})`,
  declarationTwice: (p) =>
    `;(() => { show('${p.n}', first)\n${named('first', p)}\n${named('first', { ...p, variant: p.variant + 1 })} })()`,
  reassigned: (p) => `${named(p.n, p)}\nshow('${p.n}', ${p.n}); ${p.n} = 5; log(${p.n})`,
  constant: (p) =>
    `try { ${p.n} } catch (error) { log(error.message) }\nconst ${p.n} = ${anonymous(p)}\nshow('${p.n}', ${p.n})`,
  parenthesised: (p) => `let ${p.n} = (${anonymous(p)})\nshow('${p.n}', ${p.n})`,
  arrow: (p) => `const ${p.n} = ${arrow(p)}\nshow('${p.n}', ${p.n})`,
  arrowAndLine: (p) =>
    `const ${p.n} = (a, b) => { return this } // (\n/* ( */ ${pick(p.variant, '[log]', "('x')", '+1', '/x/', '`x`', 'log()')}\nshow('${p.n}', ${p.n})`,
  many: (p) => `var ${p.n} = ${anonymous(p)}, ${p.n}b = ${named('own', p)}\nshow('${p.n}', [${p.n}, ${p.n}b])`,
  named: (p) => `const ${p.n} = ${named('own', p)}\nshow('${p.n}', ${p.n}); log(typeof own)`,
  recursive: (p) =>
    `const ${p.n} = async function* own(depth = 2) { yield own.name; yield own === ${p.n}; yield arguments.length; if (depth > 0) yield* own(depth - 1) }\nshow('${p.n}', ${p.n})`,
  recursivePlain: (p) =>
    `const ${p.n} = function own(depth = 2) { log(new.target === undefined, own === ${p.n}); if (depth > 0) own(depth - 1) }\nshow('${p.n}', ${p.n})`,
  assignsItself: (p) => `const ${p.n} = async function* own() { own = 1; yield typeof own }\nshow('${p.n}', ${p.n})`,
  assigned: (p) => `let ${p.n}; ${p.n} ${pick(p.variant, '=', '??=', '||=')} ${anonymous(p)}\nshow('${p.n}', ${p.n})`,
  assignedInParentheses: (p) => `let ${p.n}; (${p.n}) = ${anonymous(p)}; show('${p.n}', ${p.n})`,
  chained: (p) =>
    `let ${p.n}, ${p.n}b; ${p.n} = ${p.n}b = ${anonymous(p)}; show('${p.n}', [${p.n}, ${p.n} === ${p.n}b])`,
  property: (p) =>
    `const ${p.n} = {}; ${p.n}.pages = ${anonymous(p)}; ${p.n}['other'] = ${arrow(p)}\nshow('${p.n}', ${p.n})`,
  defaults: (p) =>
    `const [${p.n} = ${anonymous(p)}] = [], { x: ${p.n}b = ${anonymous(p)}, ${p.n}c = ${arrow(p)} } = {}\nshow('${p.n}', [${p.n}, ${p.n}b, ${p.n}c])`,
  parameter: (p) => `show('${p.n}', ((${p.n} = ${anonymous(p)}, { y = ${anonymous(p)} } = {}) => [${p.n}, y])())`,
  conditional: (p) => `const ${p.n} = log.yes ? ${anonymous(p)} : undefined\nshow('${p.n}', ${p.n})`,
  logical: (p) => `const ${p.n} = log.no || ${anonymous(p)}\nshow('${p.n}', ${p.n})`,
  sequence: (p) => `const ${p.n} = (log('first'), ${anonymous(p)})\nshow('${p.n}', ${p.n})`,
  argument: (p) => `show('${p.n}', ${anonymous(p)})`,
  argumentNamed: (p) => `show('${p.n}', ${named('own', p)})`,
  passedThrough: (p) => `const ${p.n} = Object(${anonymous(p)})\nshow('${p.n}', ${p.n})`,
  array: (p) => `show('${p.n}', [${anonymous(p)}, ${arrow(p)}])`,
  called: (p) => `;(${anonymous({ ...p, params: '', variant: p.variant % 4 })})()\nlog('${p.n}')`,
  calledByNew: (p) =>
    `try { log(Object.getPrototypeOf(new ${pick(p.variant, anonymous(p), named('own', p), `(${anonymous(p)})`, `${named('own', p)}.prototype.constructor`)}(1)) === undefined) } catch (error) { log(error.name) }`,
  member: (p) => `show('${p.n}', ${pick(p.variant, 'typeof', 'void', '!')} ${anonymous(p)}.prototype)`,
  arrowGlued: (p) =>
    `const ${p.n} = () => { return(a) => { return(b = ${anonymous(p)}) => b } }; show('${p.n}', ${p.n}()()())`,
  factory: (p) => `const ${p.n} = (x) => ${anonymous(p)}\nshow('${p.n}', ${p.n}(1)); log(${p.n}(1) === ${p.n}(1))`,
  closures: (p) =>
    `const ${p.n} = []; for (let i = 0; i < 2; i++) { ${p.n}.push(f); async function* f() { yield i } }\nshow('${p.n}', ${p.n})`,
  template: (p) => `log(\`${'${'}typeof ${anonymous(p)}}\`)`,
  block: (p) => `{ show('${p.n}', ${p.n}); ${named(p.n, p)} }`,
  tryCatch: (p) =>
    `try { throw ${anonymous(p)} } catch (${p.n}) { show('${p.n}', ${p.n}); ${named(`${p.n}b`, p)} show('b', ${p.n}b) } finally { log('finally') }`,
  switched: (p) =>
    `switch (${p.variant % 4}) { ${pick(p.variant, 'case (0):', 'case log.zero:', 'default:')} ${p.n} = ${p.n}; case 1: show('${p.n}', ${p.n}); break; case 2: ${named(p.n, p)}; case 3: show('${p.n}', ${p.n}) }`,
  switchedByDefault: (p) => `switch (1) { default: show('${p.n}', ${p.n})\n${named(p.n, p)} }`,
  labelled: (p) => `${p.n}: for (;;) { ${named(p.n, p)}; show('${p.n}', ${p.n}); break ${p.n} }`,
  nested: (p) =>
    `function ${p.n}() { 'use strict'\nreturn inner; ${named('inner', p)} }\nshow('${p.n}', ${p.n}())`.replace(
      "'use strict'\n",
      p.variant % 2 ? '"a directive"\n' : '',
    ),
  evaluated: (p) =>
    `show('${p.n}', eval(${JSON.stringify(`(${anonymous(p)})`)})); show('f', new Function('return ${pick(p.variant, ...FUNCTIONS)} () {}')())`,
  literal: (p) =>
    `const ${p.n} = { before: 1, ${pick(p.variant, '', `m() { return 'first' },`, `get m() { return 1 },`, '...{ m: 0, z: 1 },')} ${method('m', p)}, after: 2, ${pick(p.variant >> 2, '', 'set m(v) { log(v) },', '...{ after: 3 },', "'m': 9,")} 1: 0 }\nshow('${p.n}', ${p.n})`,
  literalKeys: (p) =>
    `const ${p.n} = { ${method("'quoted key'", p)}, ${method('1e3', p)}, ${method('0x10n', p)}, ${method('get', p)}, ${method('async', p)}, ${method('__proto__', p)}, ${method('[(log("key"), "computed")]', p)}, ${method('[Symbol.asyncIterator]', p)}, ${method('[{ toString() { log("toString"); return "object" } }]', p)} }\nshow('${p.n}', ${p.n})`,
  literalValues: (p) =>
    `const ${p.n} = { x: ${anonymous(p)}, 'y z': (${anonymous(p)}), 2: ${arrow(p)}, [log.key]: ${anonymous(p)}, [log.symbol]: ${arrow(p)}, ['named']: ${named('own', p)} }\nshow('${p.n}', ${p.n})`,
  // V8 takes an object for a function whose prototype is a Proxy of a plain function.
  literalProto: (p) =>
    `const ${p.n} = { __proto__: ${anonymous({ ...p, variant: p.variant % 4 })}, ['__proto__']: ${anonymous(p)} }\nshow('${p.n}', [${p.n}, Object.getPrototypeOf(${p.n})])`,
  literalSuper: (p) =>
    `const ${p.n} = { __proto__: { base() { return 'base' } }, async *base() { yield super.base(); yield* (() => [super.base()])() }, ${pick(p.variant, '', 'async *base() { yield super.base.name },', '...{ base: 5 },')} ['k']: 1 }\nshow('${p.n}', ${p.n})`,
  literalAccessor: (p) =>
    `const ${p.n} = { get pages() { return ${anonymous(p)} }, get other() { return ${named('own', p)} } }\nshow('${p.n}', [${p.n}, ${p.n}.pages, ${p.n}.other, ${p.n}.pages === ${p.n}.pages])`,
  classMembers: (p) =>
    `${pick(p.variant, `class ${p.n}`, `const ${p.n} = class`, `let ${p.n} = class Own`)} { ${method('m', p)} ${method('m', p, 'static ')} ${method("'quoted'", p)} get x() { return 1 } ${method('x', p)} ${method('y', p)} get y() { return 2 } ${method('12', p, 'static ')} plain() {} static early = this.m.name + typeof this.prototype.m }\nshow('${p.n}', [${p.n}, ${p.n}.prototype, ${p.n}.early])`,
  classKeys: (p) =>
    `class ${p.n} { ${method('[Symbol.asyncIterator]', p)} ${method('[(log("key"), "computed")]', p)} ${method('[log.symbol]', p, 'static ')} ${method('[{ toString() { log("toString"); return "object" } }]', p)} ${method('["literal"]', p)} ${method('["computed"]', p)} }\nshow('${p.n}', [${p.n}, ${p.n}.prototype])`,
  classFields: (p) =>
    `class ${p.n} { a = ${anonymous(p)}; static b = ${anonymous(p)}\n'c d' = ${arrow(p)}\n[log.key] = ${anonymous(p)}; ['l'] = ${anonymous(p)}; #e = ${anonymous(p)}; get e() { return this.#e } static { show('block', block); ${named('block', p)} } __proto__ = ${anonymous(p)} }\nshow('${p.n}', [${p.n}, new ${p.n}(), new ${p.n}().e])`,
  classPrivate: (p) =>
    `class ${p.n} { ${method('#p', p)} ${method('#s', p, 'static ')} field = this.#p.name; test() { return [this.#p, this.#p === this.#p, #p in this, #p in {}] } static test() { return [this.#s, this.#s === ${p.n}.#s, #s in this] } run() { return this.#p(1) } set(v) { this.#p = v } static set(v) { ${p.n}.#s = v } read(o) { return o.#p } }
show('${p.n}', [${p.n}, new ${p.n}(), new ${p.n}().test(), ${p.n}.test()]); log(new ${p.n}().test()[0] === new ${p.n}().test()[0])
try { new ${p.n}().set(1) } catch (error) { log(error.name, error.message) }
try { ${p.n}.set(1) } catch (error) { log(error.name, error.message) }
try { new ${p.n}().read({}) } catch (error) { log(error.name, error.message) }`,
  classSuper: (p) =>
    `class ${p.n} extends class { async *m() { yield 'super' } static async *s() { yield 'static' } } { async *m() { yield* super.m(); yield* (() => super.m())() } static async *s() { yield* super.s() } constructor() { super(); this.own = ${arrow(p)} } }\nshow('${p.n}', [new ${p.n}().m, ${p.n}.s, new ${p.n}()]); log(Object.keys(new ${p.n}()))`,
  classNamed: (p) =>
    `class ${p.n} { static name() { return 'n' } static async *length() {} ${method('constructor2', p)} static { log(this.name.name, Reflect.ownKeys(this).join()) } }\nshow('${p.n}', ${p.n})`,
  classExtendsNull: (p) =>
    `class ${p.n} extends null { ${method('m', p)} static ${method('s', p)} }\nshow('${p.n}', [${p.n}, ${p.n}.prototype])`,
  classHeritage: (p) =>
    `try { class ${p.n} extends ${anonymous(p)} { ${method('m', p)} } show('${p.n}', ${p.n}) } catch (error) { log(error.name) }`,
  classThrows: (p) =>
    `try { class ${p.n} { ${method('[log.key]', p)} [log.fail()]() {} } } catch (error) { log(error.message, lines(error)) }`,
  classInstances: (p) =>
    `for (const key of ['k1', 'k2']) { class C { ${method('[key]', p)} ${method('[key + 1]', p, 'static ')} }; show('${p.n}', [C, C.prototype]) }`,
  classAccessor: (p) =>
    `class ${p.n} { get pages() { return ${anonymous(p)} } static get pages() { return ${arrow(p)} } }\nshow('${p.n}', [${p.n}, new ${p.n}().pages, ${p.n}.pages])`,
};

const SLOPPY: Record<string, Render> = {
  annexB: (p) =>
    `log(typeof ${p.n}); { show('in', ${p.n}); function ${p.n}(${p.params}) { ${'return this === undefined'} } ${pick(p.variant, '', `${p.n} = 5;`)} } log(typeof ${p.n}); ${pick(p.variant, `show('${p.n}', ${p.n})`, '')}`,
  annexBTwice: (p) =>
    `{ show('in', ${p.n}); function ${p.n}() { return 1 } function ${p.n}() { return 2 } } log(${p.n}())`,
  annexBIf: (p) =>
    `if (log.yes) function ${p.n}() { return 1 } else function ${p.n}b() { return 2 }\nshow('${p.n}', ${p.n})\nlog(typeof ${p.n}b)`,
  annexBSwitch: (p) =>
    `switch (1) { case 0: function ${p.n}() { return 1 } case 1: log(${p.n}()); case 2: ${p.n} = 3; case 3: log(${p.n}) }\nlog(typeof ${p.n})`,
  annexBLabel: (p) => `label: function ${p.n}() { return 1 }\nshow('${p.n}', ${p.n})`,
  with: (p) =>
    `with ({ x: 1 }) { show('${p.n}', ${p.n}); ${named(p.n, p)}; var ${p.n}v = ${anonymous(p)} } show('${p.n}v', ${p.n}v)`,
  mappedArguments: (p) =>
    `;(function (f) { log(typeof arguments[0]); async function* f() {} f = 1; log(arguments[0]) })(0)\nlog('${p.n}')`,
  oddNames: (p) =>
    `{ const ${p.n} = ${named('let', { ...p, variant: 4, before: 'log(typeof let);', params: '' })}; show('${p.n}', ${p.n}) }`,
  html: (p) => `<!-- a comment\nshow('${p.n}', ${anonymous(p)})\n--> another`,
};

const IN_MODULE: Record<string, Render> = {
  exported: (p) => `export ${named(p.n, p)}\nshow('${p.n}', ${p.n})`,
  exportedConstant: (p) => `export const ${p.n} = ${anonymous(p)}\nshow('${p.n}', ${p.n})`,
  exportedClass: (p) => `export class ${p.n} { ${method('m', p)} }\nshow('${p.n}', ${p.n}.prototype)`,
  awaited: (p) =>
    `const ${p.n} = await ${anonymous(p)}\nshow('${p.n}', ${p.n}); class ${p.n}C { ${method('[await log.key]', p)} ${method('[log.symbol]', p)} } show('C', ${p.n}C.prototype)`,
  meta: (p) => `const ${p.n} = async function* () { yield typeof import.meta.url }\nshow('${p.n}', ${p.n})`,
};

const DEFAULTS: Render[] = [
  (p) => `export default ${anonymous(p)}`,
  (p) => `export default (${anonymous(p)})`,
  (p) => `export default ${named('own', p)}\nshow('own', own)`,
  (p) => `export default class { ${method('m', p)} }`,
  (p) => `export default ${arrow(p)}`,
];

const everywhere = Object.keys(EVERYWHERE);

/** Forms that may hold others, which may be in a class, where all code is strict. */
function formsOf(kinds: readonly string[]): fc.Arbitrary<Form> {
  const form = (kind: fc.Arbitrary<string>, inner: fc.Arbitrary<Form[]>) =>
    fc.record({
      kind,
      params: fc.constantFrom(...PARAMS),
      body: fc.constantFrom(...BODIES),
      variant: fc.nat(83),
      inner,
    });
  const { inner } = fc.letrec<{ inner: Form[] }>((tie) => ({
    inner: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'inner' },
      { weight: 3, arbitrary: fc.constant<Form[]>([]) },
      { weight: 1, arbitrary: form(fc.constantFrom(...everywhere), tie('inner')).map((each) => [each]) },
    ),
  }));
  return form(fc.constantFrom(...kinds), inner);
}

const KINDS: Record<Mode, readonly string[]> = {
  sloppy: [...everywhere, ...Object.keys(SLOPPY)],
  strict: everywhere,
  module: everywhere,
};

export function programs(modes: readonly Mode[]): fc.Arbitrary<Program> {
  return fc
    .constantFrom(...modes)
    .chain((mode) => fc.array(formsOf(KINDS[mode]), { minLength: 1, maxLength: 8 }).map((forms) => ({ mode, forms })));
}

/** The text of a program, and how many forms it has. */
export function render({ mode, forms }: Program): { source: string; count: number } {
  const all = { ...EVERYWHERE, ...SLOPPY };
  let count = 0;
  const renderWith = (render: Render, { params, body, variant, inner }: Form): string => {
    const n = `n${count++}`;
    return render({ n, params, before: inner.map((form) => `${renderForm(form)}\n`).join(''), body, variant });
  };
  const renderForm = (form: Form): string => renderWith(all[form.kind] as Render, form);
  const parts = forms.map(renderForm);
  if (mode === 'module') {
    const first = forms[0] as Form;
    const own = { ...first, inner: [] };
    for (const form of Object.values(IN_MODULE)) parts.push(renderWith(form, own));
    parts.push(renderWith(pick(first.variant, ...DEFAULTS), own));
  }
  const directive = mode === 'strict' ? '"use strict"\n' : '';
  return { source: `${directive}${parts.join('\n')}\n`, count };
}
