import { expect } from 'chai';
import { isReexport } from '../../src/install/keys';

describe('a getter is taken for a re-export', () => {
  for (const source of [
    '() => count',
    '() => mod_exports.count',
    '() => (/* reexport safe */ _mod__WEBPACK_IMPORTED_MODULE_0__.count)',
    'function () { return mod_1.count; }',
    'function() {\n  return _mod["default"];\n}',
    'function () { return m[k]; }',
    'function get() { return _mod.count; }',
    'get count() { return count; }',
    'get() { return count; }',
  ]) {
    it(`if it is ${source.replaceAll('\n', ' ')}`, () => {
      expect(isReexport(source)).to.equal(true);
    });
  }
});

describe('a getter is taken for one that runs code', () => {
  for (const source of [
    "() => require('./heavy')",
    'function () { return load().count; }',
    'get count() { return this.client; }',
    'get count() { reads++; return count; }',
    'get count() { return cached ??= load(); }',
    'function () { throw new Error("not in this build"); }',
    'get chat() { return (this._chat ??= new Chat(this)); }',
    'function get() { [native code] }',
  ]) {
    it(`if it is ${source}`, () => {
      expect(isReexport(source)).to.equal(false);
    });
  }
});
