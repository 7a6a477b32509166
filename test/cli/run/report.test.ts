import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ReportReader } from '../../../src/cli/run/report';
import { makeFolder } from '../../support/folder';

const MAIN = { pid: 1, thread: 0 };
const WORKER = { pid: 1, thread: 3 };
const start = (run: string, more: object = {}) => ({
  type: 'start',
  ...MAIN,
  time: 1000,
  run,
  trace: 't',
  name: run,
  export: run,
  ...more,
});
const end = (run: string, more: object = {}) => ({
  type: 'end',
  ...MAIN,
  run,
  outcome: 'completed',
  items: 2,
  duration: 0.5,
  ...more,
});
const text = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('reading the report of an application', () => {
  it('puts starts and ends together, in milliseconds', () => {
    const reader = new ReportReader();
    reader.push(text(start('a'), end('a', { firstItem: 0.1, producer: 0.3, consumer: 0.2 })));
    expect(reader.runs[0]).to.include({ spanId: 'a', start: 1000 });
    expect(reader.runs[0]?.end).to.deep.include({ duration: 500, firstItem: 100, producer: 300, consumer: 200 });
  });

  it('starts a run no later than its end says', () => {
    const reader = new ReportReader();
    reader.push(text(start('a'), end('a', { time: 1400 }), start('b'), end('b', { time: 1700 })));
    expect(reader.runs.map((run) => run.start)).to.deep.equal([900, 1000]);
  });

  it('has what Node was given in front of the entry file, and nothing where an older version does not say', () => {
    const reader = new ReportReader();
    const begin = { type: 'begin', ...MAIN, entry: 'app.ts' };
    reader.push(text({ ...begin, nodeArguments: ['--import=tsx'] }, { ...begin, ...WORKER }));
    expect(reader.threads.map((thread) => thread.nodeArguments)).to.deep.equal([['--import=tsx'], []]);
  });

  it('has the time of the program of each thread', () => {
    const reader = new ReportReader();
    reader.push(text({ type: 'ready', ...MAIN, time: 5 }, { type: 'targets', ...MAIN, time: 9, targets: [] }));
    expect(reader.threads[0]).to.include({ readyAt: 5, endedAt: 9 });
  });

  it('has the spans of other instrumentations', () => {
    const reader = new ReportReader();
    const span = { type: 'span', ...MAIN, time: 10, duration: 5, span: 's', trace: 't', name: 'GET /', outcome: '200' };
    reader.push(text({ ...span, isError: false, parent: 'p' }, span));
    const thread = reader.threads[0];
    expect(reader.spans).to.deep.equal([
      {
        thread,
        spanId: 's',
        traceId: 't',
        parentId: 'p',
        name: 'GET /',
        start: 10,
        duration: 5,
        outcome: '200',
        isError: false,
      },
    ]);
  });

  it('leaves a run open that has no end', () => {
    const reader = new ReportReader();
    reader.push(text(start('a')));
    expect(reader.runs[0]?.end).to.equal(undefined);
  });

  it('finds the parent of a run in its own thread only', () => {
    const reader = new ReportReader();
    reader.push(text(start('a'), start('b', { parent: 'a' }), start('c', { ...WORKER, parent: 'a' })));
    const [a, b, c] = reader.runs;
    expect(b?.parent).to.equal(a);
    expect(c?.parent).to.equal(undefined);
  });

  it('keeps runs of several threads apart, even with the same ids', () => {
    const reader = new ReportReader();
    reader.push(text(start('a'), start('a', WORKER), end('a', { ...WORKER, items: 7 })));
    expect(reader.runs.map((run) => run.end?.items)).to.deep.equal([undefined, 7]);
    expect(reader.threads.map(({ thread }) => thread)).to.deep.equal([0, 3]);
  });

  it('bears lines that are cut in two, or broken', () => {
    const reader = new ReportReader();
    const whole = text(start('zähle'), end('zähle'));
    for (const character of whole) reader.push(character);
    reader.push('{"type":"star');
    reader.push('\nnonsense\n');
    reader.push(text(start('b')));
    expect(reader.runs.map(({ name }) => name)).to.deep.equal(['zähle', 'b']);
  });

  const FOREIGN: [string, unknown][] = [
    ['null', null],
    ['a number', 7],
    ['a list', []],
    ['an unknown type', { ...start('x'), type: 'toString' }],
    ['a type that is no text', { ...start('x'), type: ['start'] }],
    ['a name that is no text', start('x', { name: 7 })],
    ['no time', start('x', { time: undefined })],
    ['a time that is not finite', start('x', { time: '1e999' })],
    ['no process', start('x', { pid: null })],
    ['a module that is no text', start('x', { module: {} })],
    ['an outcome that there is not', end('a', { outcome: 'exploded' })],
    ['items that are no number', end('a', { items: '2' })],
    ['a negative duration', end('a', { duration: -1 })],
    ['an error without a message', end('a', { error: { type: 'E' } })],
    ['targets that are no list', { type: 'targets', ...MAIN, targets: null }],
    ['a target without modules', { type: 'targets', ...MAIN, targets: [{ target: 'x', status: 'patched' }] }],
    ['a status that there is not', { type: 'targets', ...MAIN, targets: [{ target: 'x', status: 'x', modules: [] }] }],
    ['signals that are no list', { type: 'undelivered', ...MAIN, signals: 'all', isAll: true }],
  ];
  for (const [what, line] of FOREIGN) {
    it(`passes over a line of the application's own: ${what}`, () => {
      const reader = new ReportReader();
      reader.push(`${text(start('a'))}${JSON.stringify(line)}\n${text(start('b'))}`);
      expect(reader.runs.map(({ name, end: ended }) => [name, ended])).to.deep.equal([
        ['a', undefined],
        ['b', undefined],
      ]);
      expect(reader.threads).to.have.length(1);
      expect(reader.threads[0]).to.deep.include({ targets: undefined, undelivered: undefined });
    });
  }

  it('keeps no more of a name than a person reads', () => {
    const reader = new ReportReader();
    reader.push(text(start('a', { name: 'n'.repeat(1_000_000) })));
    expect(reader.runs[0]?.name).to.have.length.below(20_000);
  });

  it('passes over a line that has no end, and keeps nothing of it', () => {
    const reader = new ReportReader();
    const piece = 'x'.repeat(1 << 20);
    for (let megabytes = 0; megabytes < 600; megabytes++) reader.push(piece);
    reader.push(`\n${text(start('a'))}`);
    expect(reader.runs.map(({ name }) => name)).to.deep.equal(['a']);
  });

  it('tells of each run that ends, once', () => {
    const reader = new ReportReader();
    const ended = reader.push(text(start('a'), end('a'), end('a'), end('unknown')));
    expect(ended.map(({ name }) => name)).to.deep.equal(['a']);
    expect(reader.push(text(end('a')))).to.deep.equal([]);
  });

  it('keeps the last report of the targets: a process may survive a signal', () => {
    const reader = new ReportReader();
    const targets = (status: string) => ({ type: 'targets', ...MAIN, targets: [{ target: 'x', status, modules: [] }] });
    reader.push(text(targets('not-loaded'), targets('patched')));
    expect(reader.threads[0]?.targets?.[0]?.status).to.equal('patched');
  });

  describe('from a file', () => {
    const folder = makeFolder();
    const file = path.join(folder, 'report.ndjson');

    it('reads what has been added since the last time', () => {
      const reader = new ReportReader();
      reader.read(file);
      fs.writeFileSync(file, text(start('a')));
      reader.read(file);
      reader.read(file);
      fs.appendFileSync(file, text(end('a'), start('b')));
      reader.read(file);
      expect(reader.runs.map(({ name, end: ended }) => [name, ended?.items])).to.deep.equal([
        ['a', 2],
        ['b', undefined],
      ]);
    });

    it('takes one that cannot be read for an empty one', () => {
      const reader = new ReportReader();
      reader.read(folder);
      expect(reader.runs).to.deep.equal([]);
    });

    it('reads one that is larger than its buffer, with characters across the border', () => {
      const names = Array.from({ length: 2000 }, (_, index) => `日本語 ${index}`);
      fs.writeFileSync(file, text(...names.map((name) => start(name))));
      const reader = new ReportReader();
      reader.read(file);
      expect(reader.runs.map(({ name }) => name)).to.deep.equal(names);
    });
  });
});
