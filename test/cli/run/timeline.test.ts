import { expect } from 'chai';
import type { ObservedRun, ObservedSpan, Thread } from '../../../src/cli/run/model';
import { renderTimeline } from '../../../src/cli/run/timeline';
import { terminalOf, widthOf } from '../../../src/cli/terminal';
import { APPLICATION, makeRun, THREAD } from './runs';

interface Options {
  columns?: number;
  limit?: number;
  env?: Record<string, string>;
}

function render(runs: readonly ObservedRun[], { columns = 80, limit = 0, env = {} }: Options = {}): string[] {
  return renderTimeline(runs, APPLICATION, { ...terminalOf({ isTTY: false }, env), columns }, limit);
}

/** The lines about runs: between the heading and the empty line before the total. */
const rows = (lines: readonly string[]) => lines.slice(1, lines.indexOf(''));

describe('the timeline', () => {
  it('gives a run a line: its name, its bar, what it came to', () => {
    const lines = render([makeRun({ start: 300 })]);
    expect(lines).to.deep.equal([
      'RUN         +300.0 ms                      +400.0 ms  ITEMS  DURATION  OUTCOME',
      'readOrders  ██████████◆███████████████████░░░░░░░░░░      4  100.0 ms  completed',
      '',
      '1 run: 1 completed',
      '█ waiting for the generator  ░ waiting for the consumer  ◆ first item',
      'All bars share one time axis. After the first item, the shading shows how much',
      'of the time each took, not when.',
    ]);
  });

  it('draws each bar in its place on one axis', () => {
    const lines = render([
      makeRun({ name: 'first', start: 0, end: { duration: 50 } }),
      makeRun({ name: 'second', start: 50, end: { duration: 50 } }),
      makeRun({ name: 'all', start: 0, end: { duration: 100 } }),
    ]);
    const bars = rows(lines).map((line) => /[█░◆].*[█░◆]/.exec(line));
    const [first, all, second] = bars.map((bar) => [bar?.index, (bar?.index ?? 0) + (bar?.[0].length ?? 0)]);
    expect(first?.[0]).to.equal(all?.[0]);
    expect(second?.[1]).to.equal(all?.[1]);
    expect(first?.[1]).to.equal(second?.[0]);
  });

  it('orders runs by their start, each under its parent', () => {
    const outer = makeRun({ name: 'outer', start: 10 });
    const inner = makeRun({ name: 'inner', start: 11, parent: outer });
    const innermost = makeRun({ name: 'innermost', start: 12, parent: inner });
    const other = makeRun({ name: 'other', start: 5 });
    const lateChild = makeRun({ name: 'late child', start: 60, parent: outer });
    const lines = rows(render([innermost, lateChild, inner, outer, other]));
    expect(lines.map((line) => line.slice(0, 16).trimEnd())).to.deep.equal([
      'other',
      'outer',
      '├─ inner',
      '│  └─ innermost',
      '└─ late child',
    ]);
  });

  it('keeps a run whose parent is not shown as a root', () => {
    const outer = makeRun({ name: 'outer', start: 0 });
    const lines = rows(render([makeRun({ name: 'inner', start: 1, parent: outer })]));
    expect(lines[0]).to.match(/^inner /);
  });

  it('draws a run without items, and without a mark', () => {
    const [line] = rows(render([makeRun({ end: { items: 0, firstItem: undefined } })]));
    expect(line).to.contain('█').and.not.to.contain('◆');
  });

  it('draws a run whose times were not measured in one sign', () => {
    const end = { firstItem: undefined, producer: undefined, consumer: undefined };
    const [line] = rows(render([makeRun({ end })], { columns: 120 }));
    expect(line).to.match(/^readOrders {2}━+ /);
    expect(line).not.to.contain('NaN').and.not.to.contain('undefined');
  });

  it('draws runs that took no time', () => {
    const [line] = rows(render([makeRun({ end: { duration: 0 } })]));
    expect(line).to.match(/^readOrders {2}█ +4 +0\.00 ms {2}completed$/);
  });

  it('gives the shortest run among long ones a cell', () => {
    const lines = rows(
      render([
        makeRun({ name: 'long', end: { duration: 3_600_000 } }),
        makeRun({ name: 'short', start: 3_599_999, end: { duration: 0.001 } }),
      ]),
    );
    expect(lines[1]).to.match(/^short +█ {2}/);
  });

  it('draws a run that has no end up to the end of the application', () => {
    const lines = render([makeRun({ start: 0, end: null })]);
    expect(rows(lines)[0]).to.match(/^readOrders {2}━+▶ +open$/);
  });

  describe('says of a run that has no end', () => {
    const KILLED = { ...THREAD, targets: undefined };
    const meanings = (...threads: Thread[]) =>
      render(threads.map((thread) => makeRun({ thread, end: null })))
        .join(' ')
        .match(/open: .*$/)?.[0];

    it('that its process was killed, or is still there, if that never came to its end', () => {
      expect(meanings(KILLED)).to.equal('open: no end was seen: the process was killed, or is still there');
    });

    it('that a stream was not iterated, if the process has come to its end', () => {
      expect(meanings(THREAD)).to.equal(
        'open: a stream that was not iterated; reading it otherwise (getReader, pipe, new Response) is not seen, and leaves no span',
      );
    });

    it('both, if there are runs of both kinds', () => {
      expect(meanings(THREAD, KILLED)).to.match(/open: .*process was killed.*stream that was not iterated/);
    });
  });

  it('says what the unusual outcomes mean, and only those that there are', () => {
    const lines = render([makeRun({ end: { outcome: 'returned' } }), makeRun()]).join('\n');
    expect(lines).to.contain('2 runs: 1 completed, 1 returned').and.to.contain('returned: the consumer stopped early');
    expect(lines).not.to.contain('abandoned');
  });

  it('puts an error under its run, and under the innermost only if it passed through several', () => {
    const error = { type: 'RangeError', message: 'no more' };
    const outer = makeRun({ name: 'outer', end: { outcome: 'failed', error } });
    const inner = makeRun({ name: 'inner', start: 1, parent: outer, end: { outcome: 'failed', error } });
    const lines = rows(render([outer, inner]));
    expect(lines).to.have.length(3);
    expect(lines[2]).to.equal('      RangeError: no more');
  });

  for (const columns of [50, 60, 80, 119, 120, 149, 150, 200, 400]) {
    it(`fits into ${columns} columns`, () => {
      let parent: ObservedRun | undefined;
      const nested = Array.from({ length: 40 }, (_, start) => {
        parent = makeRun({
          name: `level ${start} 日本語 with a long name`,
          start,
          parent,
          module: './a/long/way/to.mjs',
        });
        return parent;
      });
      const error = { type: 'Error', message: 'x'.repeat(500) };
      const failed = makeRun({ start: 500, end: { outcome: 'failed', error, items: 123_456_789 } });
      const lines = render([...nested, failed, makeRun({ start: 501, end: null })], { columns });
      for (const line of lines) expect(widthOf(line), line).to.be.at.most(columns);
      expect(widthOf(lines[0] as string)).to.be.greaterThan(columns - 15);
    });
  }

  it('shows more columns where there is room', () => {
    const heading = (columns: number) => render([makeRun()], { columns })[0];
    expect(heading(119)).not.to.contain('CONSUMER');
    expect(heading(120)).to.contain('FIRST ITEM  GENERATOR  CONSUMER').and.not.to.contain('MODULE');
    expect(heading(150)).to.contain('MODULE');
  });

  it('survives nesting as deep as ten thousand runs', () => {
    let parent: ObservedRun | undefined;
    const runs = Array.from({ length: 10_000 }, (_, start) => (parent = makeRun({ start, parent })));
    expect(rows(render(runs))).to.have.length(10_000);
  });

  it('shows the first runs only, says how many are left out, and sums all up by name', () => {
    const many = Array.from({ length: 1500 }, (_, start) => makeRun({ name: 'many', start }));
    const lines = render([...many, makeRun({ name: 'once', start: 2000, end: { outcome: 'failed' } })], { limit: 3 });
    expect(lines.filter((line) => line.startsWith('many  '))).to.have.length(3 + 1);
    expect(lines).to.include('… and 1,498 more runs; --limit 0 shows all');
    expect(lines.find((line) => line.startsWith('many          1,500'))).to.match(
      /6,000 +100\.0 ms {2}1,500 completed$/,
    );
    expect(lines.find((line) => line.startsWith('once '))).to.match(/1 failed$/);
    expect(lines).to.include('1,501 runs: 1,500 completed, 1 failed');
  });

  it('cuts long names in the middle, where runs of one client differ least', () => {
    const names = ['OpenAI.Chat.Completions.create.and.stream', 'OpenAI.Chat.Completions.create.and.parse'];
    const lines = rows(
      render(
        names.map((name, start) => makeRun({ name, start })),
        { columns: 60 },
      ),
    );
    expect(lines.map((line) => line.split(' ')[0])).to.deep.equal(['Open…d.stream', 'Open…nd.parse']);
  });

  describe('in the summary by name', () => {
    const ends = ['completed', 'returned', 'failed', 'aborted', 'abandoned'] as const;
    const runs = (name: string) =>
      ends.flatMap((outcome, start) => [makeRun({ name, start, end: { outcome } }), makeRun({ name, start })]);

    it('cuts names rather than outcomes', () => {
      const few = [
        makeRun(),
        ...['returned', 'aborted'].map((outcome) => makeRun({ end: { outcome: outcome as 'aborted' } })),
      ];
      const long = few.map((run) => ({ ...run, name: 'OpenAI.Chat.Completions.create.and.stream' }));
      const text = render(long, { limit: 1 }).join('\n');
      expect(text).to.match(/^OpenAI.*….*and\.stream .* 1 completed, 1 returned, 1 aborted$/m);
    });

    it('goes on in the next line where there are too many outcomes', () => {
      const lines = render(runs('readOrders'), { limit: 1, columns: 60 });
      const from = lines.findIndex((line) => line.startsWith('RUNS BY NAME'));
      const summary = lines.slice(from + 1, lines.indexOf('', from));
      expect(summary.length).to.be.greaterThan(1);
      expect(summary.join(' ').replace(/\s+/g, ' ')).to.match(
        / 6 completed, 1 returned, 1 failed, 1 aborted, 1 abandoned$/,
      );
      expect(summary[1]).to.match(/^ {20,}\d /);
    });
  });

  it('keeps the summary short, too', () => {
    const runs = Array.from({ length: 50 }, (_, start) => makeRun({ name: `name ${start}`, start }));
    expect(render(runs, { limit: 1 })).to.include('… and 30 more names');
  });

  describe('with the spans of other instrumentations', () => {
    const span = (spanId: string, parentId: string | undefined, more: Partial<ObservedSpan> = {}): ObservedSpan => ({
      thread: THREAD,
      spanId,
      traceId: '1',
      parentId,
      name: `GET /${spanId}`,
      start: APPLICATION.startedAt + 10,
      duration: 30,
      outcome: '200',
      isError: false,
      ...more,
    });
    const request = span('request', 'unknown', { start: APPLICATION.startedAt, duration: 200 });
    const run = makeRun({ name: 'orders', start: 5, under: 'request' });
    const query = span('query', run.spanId, { name: 'SELECT 1', outcome: 'error', isError: true });
    const alone = span('alone', undefined);
    const draw = (limit = 0) =>
      renderTimeline([run], APPLICATION, terminalOf({}, { COLUMNS: '80' }), limit, [query, request, alone]);

    it('draws those that are around runs, in their places', () => {
      const lines = draw();
      expect(rows(lines).map((line) => line.replace(/ *[█◆░━]+ */, ': '))).to.deep.equal([
        'GET /request: 200.0 ms  200',
        '└─ orders: 4  100.0 ms  completed',
        '   └─ SELECT 1: 30.0 ms  error',
      ]);
      expect(lines.join('\n')).to.contain('1 run: 1 completed\n').and.to.contain('━ 2 spans of other instrumentations');
    });

    it('counts them among the lines that --limit allows', () => {
      expect(rows(draw(1))).to.have.length(0);
      expect(draw(1).join('\n')).to.contain('… and 1 more run');
      expect(rows(draw(2))).to.have.length(2);
    });
  });

  it('gives names the room that the bars do not need', () => {
    const name = 'readOrdersOfAllCustomersOf2026';
    const [row = ''] = rows(render([makeRun({ name })]));
    expect(row).to.match(new RegExp(`^${name}  [█░◆]{20}  `));
    const long = `${name}AndBefore`;
    const [wide = ''] = rows(render([makeRun({ name: long })], { columns: 140 }));
    expect(wide).to.contain(long);
  });

  it('shows an error as a whole, in the lines that it has, broken where the terminal ends', () => {
    const words = 'no more of these orders '.repeat(10).trim();
    const error = { type: 'RangeError', message: `${words}\nof 2026\n${'x'.repeat(100)}` };
    const [, ...lines] = rows(render([makeRun({ end: { outcome: 'failed', error } })]));
    expect(lines.join('').replace(/\s+/g, '')).to.equal(`RangeError: ${error.message}`.replace(/\s+/g, ''));
    expect(lines).to.include('   of 2026');
    for (const line of lines) expect(line).to.match(/^ {3}\S/);
  });

  it('shows the beginning of an error that is a document', () => {
    const error = { type: 'Error', message: Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n') };
    const lines = rows(render([makeRun({ end: { outcome: 'failed', error } })]));
    expect(lines).to.have.length(22);
    expect(lines.at(-1)).to.equal('   … 30 more lines');
  });

  it('draws processes and worker threads apart, if there are several', () => {
    const worker = { ...THREAD, thread: 2, entry: '/app/worker.mjs' };
    const lines = rows(render([makeRun(), makeRun({ start: 1, thread: worker })]));
    expect(lines[0]).to.equal('process 42: /app/app.mjs');
    expect(lines[2]).to.equal('process 42, worker thread 2: /app/worker.mjs');
  });

  it('escapes control characters in names, modules and errors', () => {
    const error = { type: 'Error', message: 'line\nline \u001b[2J' };
    const run = makeRun({ name: '\u001b[31mred\u202e', module: 'a\tb', end: { outcome: 'failed', error } });
    const text = render([run], { columns: 200 }).join('');
    expect(text).not.to.match(/[\p{Cc}\p{Cf}]/u);
    expect(text).to.contain('\\u001b[31mred\\u202e').and.to.contain('a\\tb').and.to.contain('line \\u001b[2J');
  });

  it('draws with ASCII where the locale has nothing else', () => {
    const outer = makeRun();
    const lines = render([outer, makeRun({ start: 1, parent: outer }), makeRun({ start: 2, end: null })], {
      columns: 60,
      limit: 2,
      env: { LANG: 'C' },
    });
    expect(lines.join('')).to.match(/^[\x20-\x7e]*$/);
    expect(lines[1]).to.match(/^readOrders +#+o#+-+ /);
  });

  it('keeps the indentation of an error, which may be a page or point at a column', () => {
    const message = `unexpected token\n    ${'a '.repeat(40).trim()}\n        ^`;
    const run = makeRun({ end: { outcome: 'failed', error: { type: 'SyntaxError', message } } });
    const lines = rows(render([run]));
    expect(lines.slice(1)).to.deep.equal([
      '   SyntaxError: unexpected token',
      `       ${'a '.repeat(37).trim()}`,
      '       a a a',
      '           ^',
    ]);
  });

  it('has colours only where they are wanted, and the same text under them', () => {
    const runs = [makeRun(), makeRun({ start: 1, end: { outcome: 'failed', error: { type: 'E', message: 'm' } } })];
    const plain = render(runs);
    const coloured = render(runs, { env: { FORCE_COLOR: '1' } });
    // eslint-disable-next-line no-control-regex
    const stripped = coloured.map((line) => line.replace(/\x1b\[\d+m/g, '').trimEnd());
    expect(coloured.join('')).to.contain('\u001b[31m');
    expect(stripped).to.deep.equal(plain);
  });
});
