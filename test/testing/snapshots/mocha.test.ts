import { expect } from 'chai';
import { createProject, type Project } from '../project';
import { lines } from '../support';

const SNAPSHOT = 'test/__snapshots__/orders.test.js.snap';
const HEADER = '// Span snapshots v1, written by opentelemetry-instrumentation-async-generator/testing';

const PREAMBLE = `
const chai = require('chai');
const { SpanRecorder, spanSnapshots } = require('opentelemetry-instrumentation-async-generator/testing');
chai.use(spanSnapshots);
const { expect } = chai;
const recorder = new SpanRecorder({ targets: ['./src/*.js'], format: { exclude: ['code.*', 'async_generator.module.*'] } });
const { readOrders } = require('../src/orders');
const read = async (...days) => { for await (const order of readOrders(days)); };
afterEach(() => recorder.reset());
after(() => recorder.shutdown());
`;

const test = (title: string, body: string, call = 'it') => `${call}('${title}', async () => { ${body} });\n`;
const MATCH = 'await expect(recorder).to.matchSpanSnapshot();';

const ORDERS = PREAMBLE + test('reads two days', `await read('monday', 'tuesday'); ${MATCH}`);

describe('span snapshots with mocha and chai', () => {
  let project: Project;
  beforeEach(() => {
    project = createProject({ 'test/orders.test.js': ORDERS });
  });
  afterEach(() => {
    project.dispose();
  });
  const run = (env?: NodeJS.ProcessEnv, ...args: string[]) => project.mocha(['test', ...args], env);

  describe('a new one', () => {
    it('is written beside the test', async () => {
      const { status, stdout, stderr } = await run();
      expect(status, stdout + stderr).to.equal(0);
      expect(stderr).to.equal('\n  span snapshots: 1 written\n');
      expect(project.read(SNAPSHOT)).to.equal(
        [
          HEADER,
          '',
          'exports[`reads two days 1`] = `',
          '- readOrders [completed, 4 items]',
          '  - readDay [completed, 2 items]',
          '  - readDay [completed, 2 items]',
          '`;',
          '',
        ].join('\n'),
      );
    });

    it('fails in CI, with its text in the message, and is not written', async () => {
      const { status, stdout } = await run({ CI: 'true' });
      expect(status).to.equal(1);
      expect(stdout).to.contain(`there is no snapshot in ${SNAPSHOT}, and in CI`);
      expect(stdout).to.contain('- readOrders [completed, 4 items]\n  - readDay [completed, 2 items]\n');
      expect(project.exists('test/__snapshots__')).to.equal(false);
    });

    it('is written in CI if it is asked for', async () => {
      await run({ CI: 'true', UPDATE_SNAPSHOTS: 'new' });
      expect(project.exists(SNAPSHOT)).to.equal(true);
    });
  });

  describe('an old one', () => {
    beforeEach(async () => {
      await run();
    });

    it('matches, and the file stays as it is', async () => {
      const before = project.read(SNAPSHOT);
      const { status, stderr } = await run({ CI: 'true' });
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      expect(project.read(SNAPSHOT)).to.equal(before);
    });

    it('that is different fails, with what is different and the spans above it', async () => {
      const before = project.read(SNAPSHOT);
      project.write('test/orders.test.js', ORDERS.replace("'monday', 'tuesday'", "'monday'"));
      const { status, stdout } = await run();
      expect(status).to.equal(1);
      expect(stdout).to.contain(
        lines(`
          AssertionError: the spans are not those of the snapshot in ${SNAPSHOT}

          - snapshot
          + received

          - - readOrders [completed, 4 items]
          + - readOrders [completed, 2 items]
              - readDay [completed, 2 items]
          -   - readDay [completed, 2 items]

          UPDATE_SNAPSHOTS=1 writes the new ones.
        `),
      );
      expect(stdout).to.match(/at Context\.<anonymous> \(test\/orders\.test\.js:\d+:\d+\)/);
      expect(stdout).not.to.contain('\u001b[');
      expect(project.read(SNAPSHOT)).to.equal(before);
    });

    it('shows the difference in colour where colours are wanted', async () => {
      project.write('test/orders.test.js', ORDERS.replace("'monday', 'tuesday'", "'monday'"));
      const colored = await run({ FORCE_COLOR: '1' });
      expect(colored.stdout).to.contain('\u001b[31m+ - readOrders [completed, 2 items]\u001b[0m');
      expect(colored.stdout).to.contain('\u001b[32m-   - readDay [completed, 2 items]\u001b[0m');
    });

    it('is written again with UPDATE_SNAPSHOTS=1', async () => {
      project.write('test/orders.test.js', ORDERS.replace("'monday', 'tuesday'", "'monday'"));
      const { status, stderr } = await run({ UPDATE_SNAPSHOTS: '1', CI: 'true' });
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '\n  span snapshots: 1 updated\n' });
      expect(project.read(SNAPSHOT)).to.contain(
        '\n- readOrders [completed, 2 items]\n  - readDay [completed, 2 items]\n`;',
      );
    });

    it('that is unused is reported, and removed with UPDATE_SNAPSHOTS=1', async () => {
      project.write('test/orders.test.js', PREAMBLE + test('reads one day', `await read('monday'); ${MATCH}`));
      const { status, stderr } = await run();
      expect(status).to.equal(0);
      expect(stderr).to.contain('span snapshots: 1 written, 1 unused; UPDATE_SNAPSHOTS=1 removes what is unused');
      expect(stderr).to.contain(`- ${SNAPSHOT}: reads two days 1`);
      const updated = await run({ UPDATE_SNAPSHOTS: '1' });
      expect(updated.stderr).to.contain('1 removed');
      expect(project.read(SNAPSHOT)).to.contain('reads one day').and.not.to.contain('reads two days');
    });

    it('of a test that was skipped, has failed or was not selected is not unused', async () => {
      const others = test('other', '', 'it');
      for (const [text, ...args] of [
        [ORDERS.replace("it('reads", "it.skip('reads") + others],
        [ORDERS.replace('await read', 'throw new Error("before"); await read') + others],
        [ORDERS + test('other', '', 'it.only')],
        [ORDERS + others, '--grep', 'other'],
      ] as const) {
        project.write('test/orders.test.js', text);
        const { stderr } = await run({ UPDATE_SNAPSHOTS: '1' }, ...args);
        expect(stderr, text).to.equal('');
        expect(project.read(SNAPSHOT)).to.contain('reads two days');
      }
    });

    it('whose file has no assertion left is unused, and the file is removed with UPDATE_SNAPSHOTS=1', async () => {
      project.write('test/orders.test.js', PREAMBLE + test('other', ''));
      expect((await run()).stderr).to.contain(`- ${SNAPSHOT}: reads two days 1`);
      expect((await run({ UPDATE_SNAPSHOTS: '1' })).stderr).to.contain('1 removed');
      expect(project.exists(SNAPSHOT)).to.equal(false);
    });

    it('whose test file is gone is unused; files of other tools are left alone', async () => {
      project.write('test/renamed.test.js', PREAMBLE + test('other', ''));
      project.remove('test/orders.test.js');
      const theirs = '// Jest Snapshot v1, https://jestjs.io/docs/snapshot-testing\n\nexports[`a 1`] = `1`;\n';
      project.write('test/__snapshots__/theirs.test.js.snap', theirs);
      expect((await run()).stderr).to.contain(`- ${SNAPSHOT}: its test file is gone`);
      await run({ UPDATE_SNAPSHOTS: '1' });
      expect(project.exists(SNAPSHOT)).to.equal(false);
      expect(project.read('test/__snapshots__/theirs.test.js.snap')).to.equal(theirs);
    });
  });

  it('several of one test are numbered, and may have names', async () => {
    const body = `await read('a'); ${MATCH} ${MATCH} await expect(recorder).to.matchSpanSnapshot('end');`;
    project.write('test/orders.test.js', `${PREAMBLE}describe('orders', () => { ${test('reads', body)} });`);
    expect((await run()).status).to.equal(0);
    const keys = project.read(SNAPSHOT).match(/(?<=exports\[`)[^`]+/g);
    expect(keys).to.deep.equal(['orders > reads > end 1', 'orders > reads 1', 'orders > reads 2']);
    expect((await run({ CI: 'true' })).status).to.equal(0);
  });

  it('may be of spans, or of a text', async () => {
    const body = `await read('a'); await expect(recorder.finished()).to.matchSpanSnapshot(); await expect('text').to.matchSpanSnapshot();`;
    project.write('test/orders.test.js', PREAMBLE + test('reads', body));
    expect((await run()).status).to.equal(0);
    expect(project.read(SNAPSHOT)).to.contain('exports[`reads 2`] = `text`;');
  });

  it('a test that mocha runs again begins with the first snapshot again', async () => {
    const body = `await read('a'); ${MATCH} if (attempts++ === 0) throw new Error('first attempt');`;
    project.write('test/orders.test.js', `${PREAMBLE}let attempts = 0;${test('reads', body)}`);
    const { status, stdout } = await run(undefined, '--retries', '2');
    expect(status, stdout).to.equal(0);
    expect(project.read(SNAPSHOT).match(/exports\[/g)).to.have.length(1);
  });

  it('nothing in the name of a span runs when the file is read', async () => {
    const body = `
      require('@opentelemetry/api').trace.getTracer('t').startSpan('\`+process.exit(9)+\`\${process.exit(8)}\\\\').end();
      ${MATCH}`;
    project.write('test/orders.test.js', PREAMBLE + test('reads', body));
    expect((await run()).status).to.equal(0);
    expect((await run({ CI: 'true' })).status).to.equal(0);
  });

  describe('in the test itself', () => {
    const INLINE = `
it('reads', async () => {
  await read('monday');
  await expect(recorder).to.matchInlineSpanSnapshot();
});
`;
    const WRITTEN = `
it('reads', async () => {
  await read('monday');
  await expect(recorder).to.matchInlineSpanSnapshot(\`
    - readOrders [completed, 2 items]
      - readDay [completed, 2 items]
  \`);
});
`;
    it('is written there, and matches', async () => {
      project.write('test/orders.test.js', PREAMBLE + INLINE);
      const { status, stderr } = await run();
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '\n  span snapshots: 1 written\n' });
      expect(project.read('test/orders.test.js')).to.equal(PREAMBLE + WRITTEN);
      expect((await run({ CI: 'true' })).status).to.equal(0);
      expect(project.exists('test/__snapshots__')).to.equal(false);
    });

    it('is also written there in TypeScript, with several of them in one file', async () => {
      project.remove('test/orders.test.js');
      const types = 'type Unused = { a: string };\n';
      const code = PREAMBLE.replace('const recorder', 'const recorder: any') + types + INLINE;
      const twice = code + INLINE.replace("'reads'", "'reads again'").replace("'monday'", "'monday', 'friday'");
      project.write('test/orders.test.ts', twice);
      const hooks = [
        '--require',
        'tsx/cjs',
        '--require',
        './node_modules/opentelemetry-instrumentation-async-generator/build/src/testing.js',
      ];
      const { status, stdout } = await project.mocha(['test/orders.test.ts'], {}, hooks);
      expect(status, stdout).to.equal(0);
      const written = project.read('test/orders.test.ts');
      expect(written).to.contain(WRITTEN);
      expect(written).to.contain('- readOrders [completed, 4 items]');
      const again = await project.mocha(['test/orders.test.ts'], { CI: 'true' }, hooks);
      expect(again.status, again.stdout).to.equal(0);
    });

    it('fails if it is different, and is updated', async () => {
      project.write('test/orders.test.js', PREAMBLE + WRITTEN.replace('readDay [', 'readWeek ['));
      const { status, stdout } = await run();
      expect(status).to.equal(1);
      expect(stdout).to.contain('the spans are not those of the snapshot in the test');
      expect(stdout).to.contain('-   - readWeek [completed, 2 items]\n+   - readDay [completed, 2 items]');
      await run({ UPDATE_SNAPSHOTS: '1' });
      expect(project.read('test/orders.test.js')).to.equal(PREAMBLE + WRITTEN);
    });

    it('fails in CI if it is not there', async () => {
      project.write('test/orders.test.js', PREAMBLE + INLINE);
      const { status, stdout } = await run({ CI: 'true' });
      expect(status).to.equal(1);
      expect(stdout).to.contain('there is no snapshot in the test, and in CI');
      expect(project.read('test/orders.test.js')).to.equal(PREAMBLE + INLINE);
    });
  });

  it('many files in parallel workers are written as they are one after the other', async () => {
    const files = Array.from({ length: 8 }, (_, index) => `test/part${index}.test.js`);
    project.remove('test/orders.test.js');
    files.forEach((file, index) => {
      const tests = Array.from({ length: 10 }, (_, number) =>
        test(`reads ${number}`, `await read(${"'day', ".repeat(index + 1)}); ${MATCH}`),
      );
      project.write(file, PREAMBLE + tests.join(''));
    });
    const snapshots = () => files.map((file) => project.read(file.replace('test/', 'test/__snapshots__/') + '.snap'));
    const { status, stdout } = await run(undefined, '--parallel', '--jobs', '4');
    expect(status, stdout).to.equal(0);
    const parallel = snapshots();
    project.remove('test/__snapshots__');
    await run();
    expect(snapshots()).to.deep.equal(parallel);
    expect((await run({ CI: 'true' }, '--parallel', '--jobs', '4')).status).to.equal(0);
  });

  describe('what goes wrong is said', () => {
    it('without the root hooks', async () => {
      const { status, stdout } = await project.mocha(['test'], {}, []);
      expect(status).to.equal(1);
      expect(stdout).to.contain(
        'matchSpanSnapshot does not know which test is running. Start mocha with --require opentelemetry-instrumentation-async-generator/testing',
      );
    });

    it('without an await', async () => {
      project.write('test/orders.test.js', PREAMBLE + test('reads', MATCH.replace('await ', '')));
      const { status, stdout } = await run();
      expect(status).to.equal(1);
      expect(stdout).to.contain(
        'not awaited: matchSpanSnapshot 1. Write `await expect(recorder).to.matchSpanSnapshot()`',
      );
    });

    it('with a negation, a name that is not a string, or no spans', async () => {
      project.write(
        'test/orders.test.js',
        PREAMBLE +
          test('a', 'await expect(recorder).not.to.matchSpanSnapshot();') +
          test('b', 'await expect(recorder).to.matchSpanSnapshot(1);') +
          test('c', 'await expect({}).to.matchSpanSnapshot();'),
      );
      const { stdout } = await run();
      expect(stdout).to.contain('matchSpanSnapshot cannot be negated');
      expect(stdout).to.contain('the name of a snapshot is a string');
      expect(stdout).to.contain('spans: {} is not allowed; expected an array of spans, or a SpanRecorder');
    });

    it('with a target of which nothing was loaded', async () => {
      await run();
      const text = ORDERS.replace("['./src/*.js']", "['./src/*.js', 'it-never']").replace(
        "'monday', 'tuesday'",
        "'monday'",
      );
      project.write('test/orders.test.js', text);
      expect((await run()).stdout).to.match(/target it-never\[\*\]: no package it-never is installed/);
    });

    it('with no spans at all, because nothing was loaded: no snapshot is written', async () => {
      project.write('test/orders.test.js', ORDERS.replace("['./src/*.js']", "['it-never']"));
      const { status, stdout } = await run();
      expect(status).to.equal(1);
      expect(stdout).to.match(
        /there are no spans, and not all targets were seen\n\ntarget it-never\[\*\]: no package it-never is installed/,
      );
      expect(project.exists(SNAPSHOT)).to.equal(false);
    });

    it('with a value of UPDATE_SNAPSHOTS that means nothing', async () => {
      const { status, stdout, stderr } = await run({ UPDATE_SNAPSHOTS: 'yes' });
      expect(status).not.to.equal(0);
      expect(stdout + stderr).to.contain(
        "UPDATE_SNAPSHOTS: 'yes' is not allowed; expected 1 (write all again), new, or 0",
      );
    });
  });

  describe('leaks', () => {
    const LEAK = "const orders = readOrders(['monday']); await orders.next();";

    it('a test that leaves a run open fails, with the generator and where it was created; others do not', async () => {
      project.write(
        'test/orders.test.js',
        PREAMBLE +
          test('is fine', "await read('monday');") +
          test('leaks', LEAK) +
          test('is fine, too', "for await (const order of readOrders(['monday'])) break;") +
          "it('with a callback', (done) => { read('monday').then(() => done(), done); });" +
          "it('leaks with a callback', (done) => { readOrders(['monday']).next().then(() => done(), done); });",
      );
      const { status, stdout } = await run();
      expect(status).to.equal(2);
      expect(stdout).to.contain('3 passing').and.to.contain('2 failing');
      expect(stdout).to.match(
        /this test left 2 runs open\. [^]*?- readOrders, a run created at\n +Context\.<anonymous> \(test\/orders\.test\.js:\d+:\d+\)\n +- readDay, a run created at\n +readOrders \(src\/orders\.js:6:20\)/,
      );
    });

    it('a run that ends a moment later is not a leak, nor is that of an earlier test', async () => {
      const late = 'setTimeout(() => orders.return(), 20);';
      project.write(
        'test/orders.test.js',
        PREAMBLE + test('ends late', LEAK + late) + test('leaks', LEAK) + test('is fine', "await read('monday');"),
      );
      const { stdout } = await run();
      expect(stdout).to.contain('2 passing').and.to.contain('1 failing');
    });

    it('a recorder that is shut down within the test hides none', async () => {
      project.write('test/orders.test.js', PREAMBLE + test('leaks', `${LEAK} recorder.shutdown();`));
      expect((await run()).stdout).to.contain('this test left 2 runs open');
    });

    it('are looked for by hand with `noOpenSpans`', async () => {
      project.write(
        'test/orders.test.js',
        `${PREAMBLE}
        ${test('none', "await read('monday'); expect(recorder).to.have.noOpenSpans();")}
        ${test('some', `${LEAK} expect(recorder).to.have.noOpenSpans();`)}
        ${test('negated', `${LEAK} expect(recorder).not.to.have.noOpenSpans(); await orders.return();`)}`,
      );
      const { stdout } = await run();
      expect(stdout).to.contain('2 passing');
      expect(stdout).to.match(/expected no open spans, and there are 2:\n +- readOrders, a run created at\n +Context/);
    });

    it('are not looked for with other root hooks', async () => {
      project.write(
        'hooks.cjs',
        "exports.mochaHooks = require('opentelemetry-instrumentation-async-generator/testing').createMochaHooks({ leaks: false });",
      );
      project.write('test/orders.test.js', PREAMBLE + test('leaks', LEAK));
      const { status } = await project.mocha(['test'], {}, ['--require', './hooks.cjs']);
      expect(status).to.equal(0);
    });
  });
});
