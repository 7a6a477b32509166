import { expect } from 'chai';
import { drain, load, patchedIn, runProgram, setUpPatching, spansOf } from './support';

describe('a function that is exported under several names', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  it('is traced under all of them where a selector names one, and reported', async () => {
    const names = ['count', 'alias', 'default'];
    const [first = '', ...others] = names;
    const instrumentation = instrument(`same-twice[${first}]`);
    const exports = load('same-twice');
    for (const name of names) expect(exports[name], name).to.equal(exports[first]);
    for (const name of names) await drain(exports[name](1));
    expect(spans()).to.deep.equal(names.map(() => `${first} completed`));
    expect(patchedIn(instrumentation.getPatchReport())).to.include.members(others.map((name) => `${name}: property`));
    instrumentation.disable();
    for (const name of names) expect(exports[name], name).to.equal(exports[first]);
    await drain(exports[first](1));
    expect(spans()).to.have.lengthOf(names.length);
  });

  it('is not traced under a name that is excluded', async () => {
    instrument([{ module: 'same-twice', exports: ['count'], exclude: ['alias'] }]);
    await drain(load('same-twice').alias(1));
    expect(spans()).to.deep.equal([]);
  });

  it('is the same where other exports stand in for those of the module', async () => {
    instrument('sealed-aliases[lines]');
    const exports = load('sealed-aliases');
    expect(exports.again).to.equal(exports.lines);
    expect(exports.self).to.equal(exports);
    expect(Object.isSealed(exports)).to.equal(true);
    await drain(exports.self.again());
    expect(spans()).to.deep.equal(['lines completed']);
  });

  it('is traced under all of them in an ES module', async () => {
    const { spans: ended } = await runProgram({
      targets: 'esm-same-twice[count]',
      code: `
        import * as ns from 'esm-same-twice';
        seen.same = Object.values(ns).filter((each) => typeof each === 'function').map((each) => each === ns.count);
        for (const each of Object.values(ns)) if (typeof each === 'function') await drain(each(1));`,
    });
    expect(new Set(ended)).to.deep.equal(new Set(['count completed']));
    expect(ended.length).to.be.greaterThan(1);
  });
});
