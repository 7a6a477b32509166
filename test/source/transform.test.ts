import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import * as vm from 'node:vm';
import { createRegistrar, type Trace } from '../../src/source/registrar';
import { transform, type SourceType, type TransformResult } from '../../src/source/transform';

function transformed(source: string, sourceType: SourceType = 'module'): TransformResult {
  const options = { sourceType, registrar: '$r', file: 7, select: () => true };
  return transform(source, options);
}

interface Traced {
  readonly names: string[];
  readonly keys: (PropertyKey | undefined)[];
  readonly result: unknown;
}

/** Evaluates a script with its async generators traced by `trace`, and tells for which of them it was called. */
function evaluate(source: string, trace: Trace = (fn) => new Proxy(fn, {})): Traced {
  const names: string[] = [];
  const keys: (PropertyKey | undefined)[] = [];
  const select = ({ isAsyncGenerator }: { isAsyncGenerator: boolean }) => isAsyncGenerator;
  const result = transform(source, { sourceType: 'script', registrar: '$r', file: 7, select });
  const $r = createRegistrar((fn, file, definition, name) => {
    expect(file).to.equal(7);
    names.push(result.definitions[definition]?.path ?? '');
    keys.push(name);
    return trace(fn, file, definition, name);
  });
  return { names, keys, result: vm.runInNewContext(result.code, { $r }) as unknown };
}

describe('the transformer', () => {
  for (const [what, source, code] of [
    ['a declaration', 'async function* f() {}', 'f=$r.f(f,7,0);async function* f() {}'],
    [
      'a declaration behind directives',
      '"use strict"\ngo(); async function* f() {}',
      '"use strict"\nf=$r.f(f,7,0);go(); async function* f() {}',
    ],
    [
      'a declaration in a file that has a hashbang',
      '#!node\nasync function* f() {}',
      '#!node\nf=$r.f(f,7,0);async function* f() {}',
    ],
    [
      'a declaration in a switch',
      'switch (a) { default: case b: async function* f() {} }',
      'switch (a) { default: case f=$r.f(f,7,0),b: async function* f() {} }',
    ],
    [
      'a declaration in a switch that has only a default',
      'switch (a) { default: async function* f() {} }',
      'switch (a) { default: f=$r.f(f,7,0);async function* f() {} }',
    ],
    [
      'an anonymous default export',
      'export default async function*() {}',
      '$r_default=$r.n($r_default,"default",7,0);export default async function* $r_default() {}',
    ],
    [
      'an expression with the name of its variable',
      'const f = async function* () {}',
      'const f = $r.p({"f":async function* () {}},7,0)',
    ],
    ['an expression without a name', 'go(async function* () {})', 'go((0,new $r.a(async function* () {},7,0)))'],
    ['an expression with a name', 'go(async function* f() {})', 'go($r.f(async function* f() {},7,0))'],
    [
      'an expression that refers to itself',
      'go(async function* f() { f })',
      'go((()=>{const f=$r.p({"f":async function*  () { f }},7,0);return f})())',
    ],
    ['a callee of new', 'new async function* f() {}.x()', 'new ($r.f(async function* f() {},7,0)).x()'],
    ['a method of an object literal', 'a = { async *m() {} }', 'a = { ...$r.o({async *m() {}},7,0) }'],
    ['a method with super', 'a = { async *m() { super.m } }', 'a = ($r.m({ async *m() { super.m } },"m",7,0))'],
    [
      'a method with super in a callee of new',
      'new { async *m() { super.m } }.m()',
      'new ($r.m({ async *m() { super.m } },"m",7,0)).m()',
    ],
    ['a method of a class', 'class A { async *m() {} }', 'class A { async *m() {} }$r.m(A.prototype,"m",7,0);'],
    ['a static method', 'class A { static async *m() {} }', 'class A { static async *m() {} }$r.m(A,"m",7,0);'],
    [
      'a method of a class expression',
      'const A = class { async *m() {} }',
      'const A = class {static{$r.m(this.prototype,"m",7,0)} async *m() {} }',
    ],
    [
      'a method of a class with a static field, which may call it',
      'class A { async *m() {} static a = 1 }',
      'class A {static{$r.m(this.prototype,"m",7,0)} async *m() {} static a = 1 }',
    ],
    [
      'a method of a class with a static block, which may call it',
      'class A { async *m() {} static { } }',
      'class A {static{$r.m(this.prototype,"m",7,0)} async *m() {} static { } }',
    ],
    [
      'a method of a class without a name',
      'export default class { async *m() {} }',
      'export default class {static{$r.m(this.prototype,"m",7,0)} async *m() {} }',
    ],
    [
      'a computed method',
      'class A { async *[(k, l)]() {} }',
      'class A {static{$r.l(this.prototype,7,0)} async *[($r.k((k, l),7,0))]() {} }',
    ],
    [
      'a private method',
      'class A { async *#m() {} }',
      'class A { async *#m$r() {}get #m(){return $r.n(this.#m$r,"#m",7,0)}set #m(v){$r.w("#m")} }',
    ],
    [
      'an arrow function right behind a word',
      'f = a => { return(f = async(b) => b) }',
      'f = $r.p({"f":a => { return(f = $r.p({"f":async(b) => b},7,1)) }},7,0)',
    ],
    [
      'an arrow function that ends where the one in it ends',
      'f = () => g = () => 1',
      'f = $r.p({"f":() => g = $r.p({"g":() => 1},7,1)},7,0)',
    ],
    [
      'an arrow function that a line without semicolon ends',
      'f = () => {} // (\n[1]',
      'f = $r.p({"f":() => {}},7,0); // (\n[1]',
    ],
    ['an arrow function before a comment', 'go(f = () => {} /* ( */)', 'go(f = $r.p({"f":() => {}},7,0) /* ( */)'],
  ] as const) {
    it(`registers ${what}`, () => {
      expect(transformed(source).code).to.equal(code);
    });
  }

  for (const [what, source, code] of [
    [
      'a function that is the body of an if',
      'if (a) function f() {}\nelse function g() {}',
      'if (a) {f=$r.f(f,7,0);function f() {}}\nelse {g=$r.f(g,7,1);function g() {}}',
    ],
    [
      'a function whose name cannot be a variable everywhere',
      'go(function let() { let })',
      'go($r.f(function let() { let },7,0))',
    ],
    ['a function that assigns its own name', 'go(function f() { f = 1 })', 'go($r.f(function f() { f = 1 },7,0))'],
    [
      'a function that is evaluated code',
      'go(function f() { f; eval(code) })',
      'go($r.f(function f() { f; eval(code) },7,0))',
    ],
  ] as const) {
    it(`registers ${what}, in sloppy code`, () => {
      expect(transformed(source, 'script').code).to.equal(code);
    });
  }

  it('allows return at the top level of CommonJS', () => {
    expect(transformed('return async function* () {}', 'commonjs').code).to.contain('return (0,new $r.a(');
  });

  it('returns all definitions, and which of them are selected', () => {
    const source = 'async function* a() {} function b() {} async function* c() {}';
    const asked: string[] = [];
    const result = transform(source, {
      sourceType: 'module',
      registrar: '$r',
      file: 0,
      select: ({ path }, index) => {
        asked.push(`${path} ${index}`);
        return path !== 'a';
      },
    });
    expect(asked).to.deep.equal(['a 0', 'b 1', 'c 2']);
    expect(result.definitions.map(({ path }) => path)).to.deep.equal(['a', 'b', 'c']);
    expect(result.selected).to.deep.equal([1, 2]);
    expect(result.code).to.equal(
      'b=$r.f(b,0,1);c=$r.f(c,0,2);async function* a() {} function b() {} async function* c() {}',
    );
  });

  it('leaves a source as it is of which nothing is selected, and returns its definitions', () => {
    const options = { sourceType: 'module', registrar: '$r', file: 0, select: () => false } as const;
    const { code, definitions, selected, insertions } = transform('async function* f() {}', options);
    expect({ code, selected, insertions }).to.deep.equal({
      code: 'async function* f() {}',
      selected: [],
      insertions: [],
    });
    expect(definitions.map(({ path }) => path)).to.deep.equal(['f']);
  });

  it('asks for no definition that is not traceable', () => {
    const source = 'class A { [key] = async function* () {} }';
    expect(transformed(source)).to.deep.include({ code: source, selected: [] });
  });

  it('refuses a source in which the name of the registrar occurs', () => {
    expect(() => transformed('async function* f() { "$r" }')).to.throw('The source contains "$r"');
  });

  it('throws a SyntaxError for what cannot be parsed', () => {
    expect(() => transformed('async function* f(')).to.throw(SyntaxError);
  });

  it('returns where it inserted how much, by which the source can be restored', () => {
    const source =
      '"use strict"\nconst a = async function* own() { own };\r\nclass B { async *#p() {}\n static async *m() {} }';
    const { code, insertions } = transformed(source);
    const lines = code.split('\n');
    for (const { line, column, length } of insertions) {
      const text = lines[line] as string;
      lines[line] = text.slice(0, column) + text.slice(column + length);
    }
    expect(lines.join('\n')).to.equal(source.replace('function* own', 'function*    '));
  });

  it('loads the parser with the first source', () => {
    const program = `
      const { transform } = require('./src/source/transform.ts');
      const isLoaded = () => Object.keys(require.cache).some((file) => /acorn/.test(file));
      console.log(isLoaded());
      transform('async function* f() {}', { sourceType: 'module', registrar: '$r', file: 0, select: () => true });
      console.log(isLoaded());`;
    const output = execFileSync(process.execPath, ['--require', 'tsx/cjs', '--eval', program], { encoding: 'utf8' });
    expect(output).to.equal('false\ntrue\n');
  });
});

describe('a transformed source', () => {
  it('has the traced function wherever it has the function', () => {
    const source = `
      const before = f; async function* f() {}
      const g = async function* own() { yield own };
      class A { async *m() {} static async *s() {} async *#p() {} get p() { return this.#p } static early = this.s; field = async function* () {} }
      const o = { async *m() {}, async *super() { super.x }, get made() { return async function* () {} } };
      [before, f, g, A.prototype.m, A.s, A.early, new A().p, new A().field, o.m, o.super, o.made].map((fn) => fn.isTraced)`;
    const { result } = evaluate(
      source,
      (fn) => new Proxy(fn, { get: (target, key) => (key === 'isTraced' ? true : Reflect.get(target, key)) }),
    );
    expect([...(result as unknown[])]).to.deep.equal(Array(11).fill(true));
  });

  it('has the text of its classes as it was written', () => {
    const { names, result } = evaluate('class A { async *m() {} static async *s() {} }; String(A)');
    expect(names).to.deep.equal(['A#m', 'A.s']);
    expect(result).to.equal('class A { async *m() {} static async *s() {} }');
  });

  it('has its private method traced once', () => {
    const { names, result } = evaluate('class A { async *#p() {} p() { return this.#p } } new A().p() === new A().p()');
    expect(names).to.deep.equal(['A##p']);
    expect(result).to.equal(true);
  });

  it('passes on the keys that it computes', () => {
    const source = `
      const symbol = Symbol.for('key');
      const make = (key) => class { async *[key]() {} static async *[key + 1]() {} };
      make('a'); make('b'); ({ async *[symbol]() {}, ['c' + 1]: async function* () {} })`;
    expect(evaluate(source).keys).to.deep.equal(['a', 'a1', 'b', 'b1', Symbol.for('key'), 'c1']);
  });

  it('keeps the keys of a class apart from those of one that is made while they are computed', () => {
    const source = `
      const make = (depth) => class { async *['outer' + depth]() {} [(depth > 0 && make(depth - 1), 'last')]() {} };
      make(2); make(1)`;
    expect(evaluate(source).keys).to.deep.equal(['outer0', 'outer1', 'outer2', 'outer0', 'outer1']);
  });

  it('does not take the key of a class that could not be made', () => {
    const source = `
      const make = (key, fail) => class { async *[key]() {} [fail()]() {} };
      try { make('failed', () => { throw 1 }) } catch {} make('made', () => 'x')`;
    expect(evaluate(source).keys).to.deep.equal(['made']);
  });

  it('leaves a method alone that something else has replaced', () => {
    const { names } = evaluate('class A { async *m() {} get ["m"]() {} } ({ async *m() { super.x }, get m() {} })');
    expect(names).to.deep.equal([]);
  });

  for (const [place, source] of [
    ['a property', 'const exports = {}; exports.pages = async function* () { throw new Error() }; exports.pages'],
    ['a conditional', 'const pages = 1 ? async function* () { throw new Error() } : 0; pages'],
    ['an array', 'const pages = [async function* () { throw new Error() }]; pages[0]'],
    ['a call', 'const pages = Object(async function* () { throw new Error() }); pages'],
  ] as const) {
    it(`has a function without a name in stacks as V8 calls it after its place: ${place}`, async () => {
      const frameOf = async (fn: unknown) => {
        const error: Error = (await (fn as () => AsyncGenerator)()
          .next()
          .catch((error: Error) => error)) as never;
        return /at (\S+ )?/.exec(error.stack ?? '')?.[1];
      };
      expect(await frameOf(evaluate(source).result)).to.equal(await frameOf(vm.runInNewContext(source)));
    });
  }
});
