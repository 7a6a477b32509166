import { expect } from 'chai';
import * as path from 'node:path';
import ts = require('typescript');
import { ROOT } from './support/child';

/** The entries of the package that programs import names from. */
const ENTRIES = ['src/index.ts', 'src/testing/index.ts'].map((file) => path.join(ROOT, file));

describe('the public names', () => {
  let checker: ts.TypeChecker;
  let names: { readonly name: string; readonly symbol: ts.Symbol }[];

  before(() => {
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Node20, strict: true, skipLibCheck: true };
    const program = ts.createProgram(ENTRIES, { ...options, noEmit: true, types: ['node'] });
    checker = program.getTypeChecker();
    names = ENTRIES.flatMap((entry) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile) as ts.Symbol;
      return checker.getExportsOfModule(module).map((name) => {
        const isAlias = (name.flags & ts.SymbolFlags.Alias) !== 0;
        return { name: name.name, symbol: isAlias ? checker.getAliasedSymbol(name) : name };
      });
    });
  });

  it('have a doc comment each', () => {
    expect(names).to.have.length.above(40);
    const without = names.filter(({ symbol }) => symbol.getDocumentationComment(checker).length === 0);
    expect(without.map(({ name }) => name)).to.deep.equal([]);
  });

  it('have an example each, where they are more than types', () => {
    const values = names.filter(({ symbol }) => (symbol.flags & ts.SymbolFlags.Value) !== 0);
    expect(values).to.have.length.above(10);
    const without = values.filter(({ symbol }) => !symbol.getJsDocTags(checker).some(({ name }) => name === 'example'));
    expect(without.map(({ name }) => name)).to.deep.equal([]);
  });
});
