import { context, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { AsyncGeneratorInstrumentation } from '../../src/instrumentation';
import type { EndLine, ReportLine, StartLine } from '../../src/run-report/protocol';
import { openRunReport } from '../../src/run-report/runs';
import { drain } from '../trace/helpers';
import { useTracing } from '../support/tracing';
import { makeFolder } from '../support/folder';

interface Streams {
  inner(count: number): AsyncGenerator<number>;
  outer(make: () => AsyncIterable<number>): AsyncGenerator<number>;
  make(): () => void;
  failing(): AsyncGenerator<number>;
}

const SOURCE = `
exports.inner = async function* inner(count) { for (let item = 0; item < count; item++) yield item; };
exports.outer = async function* outer(make) { yield* make(); };
exports.make = function make() { return () => undefined; };
exports.failing = async function* failing() { throw new RangeError('x'.repeat(20_000)); };
`;

describe('the report that an application writes', () => {
  const tracing = useTracing();
  let folder: string;
  let file: string;
  let instrumentation: AsyncGeneratorInstrumentation;
  let streams: Streams;
  let end: () => void;

  const lines = () => {
    const text = fs.readFileSync(file, 'utf8');
    expect(text.endsWith('\n')).to.equal(true);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ReportLine);
  };
  const starts = () => lines().filter((line): line is StartLine => line.type === 'start');
  const ends = () => lines().filter((line): line is EndLine => line.type === 'end');

  beforeEach(() => {
    folder = makeFolder({ 'streams.cjs': SOURCE });
    file = path.join(folder, 'report.ndjson');
    const report = openRunReport(file);
    instrumentation = new AsyncGeneratorInstrumentation({
      targets: ['./streams.cjs', './streams.cjs[make]'],
      baseDir: folder,
      ...report.hooks,
    });
    end = () => {
      report.end(instrumentation.getPatchReport());
    };
    streams = require(path.join(folder, 'streams.cjs')) as Streams;
  });

  afterEach(() => {
    instrumentation.disable();
  });

  it('begins with the process, the thread and the file that was started', () => {
    const [begin] = lines();
    expect(begin).to.include({ type: 'begin', pid: process.pid, thread: 0, parentPid: process.ppid });
    expect(begin).to.have.property('entry', process.argv[1]);
  });

  it('has a line for the start and one for the end of a run', async () => {
    const before = Date.now();
    await drain(streams.inner(3));
    const after = Date.now();
    const [, start, ended] = lines();
    const span = tracing.onlySpan();
    expect(start).to.include({
      type: 'start',
      pid: process.pid,
      thread: 0,
      run: span.spanContext().spanId,
      trace: span.spanContext().traceId,
      name: 'inner',
      module: './streams.cjs',
      export: 'inner',
    });
    expect(start).not.to.have.property('parent');
    // Two clocks: one may be a millisecond ahead.
    expect((start as StartLine).time).to.be.within(before - 1, after + 1);
    expect(ended).to.include({ type: 'end', run: span.spanContext().spanId, outcome: 'completed', items: 3 });
    const { duration, producer = 0, consumer = 0, firstItem = -1 } = ended as EndLine;
    expect(producer + consumer).to.be.closeTo(duration, 1e-6);
    expect(firstItem).to.be.within(0, duration);
    tracing.reset();
  });

  it('names the run whose body made the call as the parent', async () => {
    await drain(streams.outer(() => streams.inner(1)));
    const [outer, inner] = starts();
    expect([outer?.parent, inner?.parent]).to.deep.equal([undefined, outer?.run]);
  });

  it('does so across other spans', async () => {
    const tracer = trace.getTracer('test');
    await drain(
      streams.outer(() => {
        const span = tracer.startSpan('GET /');
        return context.with(trace.setSpan(context.active(), span), () => streams.inner(1));
      }),
    );
    const [outer, inner] = starts();
    expect(inner?.parent).to.equal(outer?.run);
  });

  it('does not take the run that pulls for the one that made the call', async () => {
    const made = streams.inner(1);
    await drain(streams.outer(() => made));
    const [outer, inner] = starts();
    expect([outer?.name, inner?.name]).to.deep.equal(['outer', 'inner']);
    expect(inner?.parent).to.equal(undefined);
  });

  it('says what a run failed with, but no more than a message’s worth', async () => {
    await drain(streams.failing()).catch(() => undefined);
    const [{ outcome, error } = {} as EndLine] = ends();
    expect(outcome).to.equal('failed');
    expect(error?.type).to.equal('RangeError');
    expect(error?.message).to.equal('x'.repeat(10_000));
  });

  it('says of a run whether it ended in the very call, as that of a factory does, and no generator', async () => {
    streams.make();
    await drain(streams.inner(0));
    expect(ends().map(({ items, atOnce }) => [items, atOnce])).to.deep.equal([
      [0, true],
      [0, false],
    ]);
  });

  it('has a line for what was not delivered, if anything was not', () => {
    const report = openRunReport(file);
    report.end([]);
    expect(lines().map(({ type }) => type)).not.to.include('undelivered');
    report.end([], { signals: ['traces'], isAll: true, reason: 'connection refused' });
    expect(lines().at(-2)).to.deep.include({ type: 'undelivered', signals: ['traces'], reason: 'connection refused' });
  });

  it('ends with what became of the targets', () => {
    end();
    const last = lines().at(-1);
    expect(last).to.deep.include({ type: 'targets', pid: process.pid, thread: 0 });
    expect(last).to.have.nested.property('targets[0].status', 'patched');
  });

  it('keeps no file open', async () => {
    await drain(streams.inner(1));
    if (!fs.existsSync('/proc/self/fd')) return;
    const open = fs.readdirSync('/proc/self/fd').map((name) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${name}`);
      } catch {
        return '';
      }
    });
    expect(open).not.to.include(file);
  });

  it('goes missing without a word where the file cannot be written', async () => {
    fs.rmSync(folder, { recursive: true });
    expect(await drain(streams.inner(2))).to.deep.equal([0, 1]);
    end();
  });
});
