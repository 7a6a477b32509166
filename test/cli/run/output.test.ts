import { expect } from 'chai';
import { toJsonReport, toJsonRun } from '../../../src/cli/run/output';
import { APPLICATION, CIRCUMSTANCES, makeRun, THREAD } from './runs';

const { startedAt } = APPLICATION;

describe('a run as JSON', () => {
  it('has its times in seconds, from the start of the application', () => {
    const run = makeRun({ start: 250 });
    expect(toJsonRun(run, startedAt)).to.deep.equal({
      type: 'run',
      pid: 42,
      thread: 0,
      traceId: run.traceId,
      spanId: run.spanId,
      parentSpanId: null,
      name: 'readOrders',
      module: './orders.mjs',
      version: null,
      export: 'readOrders',
      start: 0.25,
      duration: 0.1,
      items: 4,
      timeToFirstItem: 0.025,
      producerTime: 0.075,
      consumerTime: 0.025,
      outcome: 'completed',
      error: null,
    });
  });

  it('names the run that made it, the version of its module, and its error', () => {
    const parent = makeRun();
    const error = { type: 'RangeError', message: 'page 3 of 2' };
    const run = makeRun({ parent, version: '1.2.3', end: { outcome: 'failed', error } });
    expect(toJsonRun(run, startedAt)).to.deep.include({ parentSpanId: parent.spanId, version: '1.2.3', error });
  });

  it('has null for all that an open run has not come to', () => {
    expect(toJsonRun(makeRun({ end: null }), startedAt)).to.deep.include({
      outcome: 'open',
      duration: null,
      items: null,
      timeToFirstItem: null,
      producerTime: null,
      consumerTime: null,
      error: null,
    });
  });

  it('has null for what is not measured, and for a module where there is none', () => {
    const unmeasured = { firstItem: undefined, producer: undefined, consumer: undefined };
    const json = toJsonRun(makeRun({ module: undefined, end: unmeasured }), startedAt);
    expect(json).to.deep.include({ timeToFirstItem: null, producerTime: null, consumerTime: null, module: null });
    expect(json.duration).to.equal(0.1);
  });
});

describe('the report as JSON', () => {
  const application = { ...APPLICATION, file: 'app.mjs', args: ['--fast'], title: 'app.mjs' };

  it('tells of the application, and of the runs in the order of their starts', () => {
    const runs = [makeRun({ name: 'second', start: 20 }), makeRun({ name: 'first', start: 10 })];
    const circumstances = { ...CIRCUMSTANCES, configProblems: ['a hint'] };
    const report = toJsonReport({ application, runs, spans: [], circumstances });
    expect(report.application).to.deep.equal({
      file: 'app.mjs',
      args: ['--fast'],
      startedAt: '2023-11-14T22:13:20.000Z',
      duration: 1,
      exitCode: 0,
      signal: null,
    });
    expect(report.runs.map(({ name }) => name)).to.deep.equal(['first', 'second']);
    expect(report.hints).to.deep.equal(['The configuration has a problem: a hint.']);
  });

  it('has the targets of each thread, but of one that was killed before it could tell', () => {
    const target = { target: './orders.mjs', status: 'not-loaded', modules: [] } as never;
    const threads = [
      { ...THREAD, targets: [target] },
      { ...THREAD, thread: 1, targets: undefined },
      { ...THREAD, thread: 2, targets: [target] },
    ];
    const circumstances = { ...CIRCUMSTANCES, threads };
    const { targets } = toJsonReport({ application, runs: [], spans: [], circumstances });
    expect(targets).to.deep.equal([
      { pid: 42, thread: 0, target: './orders.mjs', status: 'not-loaded', modules: [] },
      { pid: 42, thread: 2, target: './orders.mjs', status: 'not-loaded', modules: [] },
    ]);
  });
});
