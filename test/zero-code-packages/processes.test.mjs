/**
 * Threads and processes that an application starts.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { REGISTER, useLine } from './support/suite.mjs';

const IN_THREADS = [
  'count completed 2',
  'count completed 2',
  ...['count interrupted 1', 'count interrupted 1'],
  'count completed 1',
];
const IN_TWO_PROCESSES = ['count completed 2', 'count completed 1'];

const CASES = [
  { title: 'worker threads, CommonJS', app: 'threads.cjs', spans: IN_THREADS },
  { title: 'worker threads, ES modules', app: 'threads.mjs', spans: IN_THREADS },
  { title: 'child_process.fork', app: 'fork.cjs', spans: IN_TWO_PROCESSES },
  { title: 'cluster', app: 'cluster.cjs', spans: ['count completed 2', 'count completed 2', 'count completed 1'] },
];

for (const line of LINES) {
  describe(`${line.title}, threads and processes`, () => {
    const suite = useLine(line);

    const itTraces = (title, { args = [], env, app, spans }) =>
      it(`traces the runs of each once: ${title}`, async () => {
        const untraced = await suite.runUntraced([app]);
        expect(untraced).to.include({ status: 0, stderr: '' });
        expect(await suite.run([...args, app], { env })).to.deep.equal(untraced);
        expect(suite.spanTree()).to.deep.equal(spans);
      });

    for (const { title, ...application } of CASES) {
      for (const flag of ['--import', '--require']) {
        itTraces(`${title}, ${flag}`, { ...application, args: [flag, REGISTER] });
      }
    }
    itTraces('spawn, NODE_OPTIONS', {
      app: 'spawn.mjs',
      env: { NODE_OPTIONS: `--import ${REGISTER}` },
      spans: IN_TWO_PROCESSES,
    });
    itTraces('worker threads, NODE_OPTIONS', {
      app: 'threads.mjs',
      env: { NODE_OPTIONS: `--require ${REGISTER}` },
      spans: IN_THREADS,
    });

    it('starts no SDK in the thread of the loader', async () => {
      const { stderr } = await suite.run(['--require', './spy.cjs', '--require', REGISTER, 'app.mjs']);
      const lines = stderr.trim().split('\n');
      // Node's thread for loaders runs the preloads again. Where there are synchronous hooks, there is none.
      const threads = line.major < 22 ? ['preloaded in another thread'] : [];
      expect(lines.filter((text) => text.startsWith('preloaded'))).to.have.members([
        'preloaded in the main thread',
        ...threads,
      ]);
      expect(new Set(lines.filter((text) => text.startsWith('SDK')))).to.deep.equal(
        new Set(['SDK in the main thread']),
      );
      expect(suite.spanTree()).to.have.length(5);
    });
  });
}
