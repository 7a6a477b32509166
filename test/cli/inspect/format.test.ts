import { expect } from 'chai';
import { stripVTControlCharacters } from 'node:util';
import { formatReport, formatTable } from '../../../src/cli/inspect/format';
import type { EntryInspection, InspectedExport, ModuleInspection } from '../../../src/cli/inspect/model';
import { terminalOf, widthOf } from '../../../src/cli/terminal';

interface Shown {
  columns?: number;
  colour?: boolean;
  hasUnicode?: boolean;
}

const terminal = ({ columns = 100, colour = false, hasUnicode = true }: Shown = {}) =>
  terminalOf({ isTTY: colour, columns }, { COLUMNS: String(columns), LANG: hasUnicode ? 'en_US.UTF-8' : 'C' });

const found = (selector: string, more: Partial<InspectedExport> = {}): InspectedExport => ({
  selector,
  kind: 'function',
  isAsyncGenerator: true,
  evidence: [],
  definition: 'data property',
  patch: { method: 'property' },
  ...more,
});
const guess = (selector: string, evidence = ['name: stream']) => found(selector, { isAsyncGenerator: false, evidence });

const entry = (exports: InspectedExport[], more: Partial<EntryInspection> = {}): EntryInspection => ({
  file: '/app/node_modules/pages/index.js',
  format: 'commonjs',
  loadedBy: ['require', 'import'],
  exports,
  unread: [],
  unspellable: [],
  factories: [],
  exportCount: exports.length,
  ...more,
});
const pages = (entries: EntryInspection[], more: Partial<ModuleInspection> = {}): ModuleInspection => ({
  module: 'pages',
  version: '1.2.3',
  entries,
  targets: {},
  ...more,
});
const formatAll = (modules: ModuleInspection[], shown: Shown = {}) =>
  formatReport(
    { type: 'inspection', version: 1, node: 'v24.0.0', modules },
    { cwd: '/app', timeout: 10, terminal: terminal(shown) },
  );
const format = (module: ModuleInspection, shown?: Shown) => formatAll([module], shown);

const asImported = { loadedBy: ['import'], format: 'module', file: '/app/node_modules/pages/index.mjs' } as const;

describe('the text of an inspection', () => {
  it('names the preset that is made for the module first', () => {
    const text = format(
      pages([entry([found('count')])], { presets: ['node'], targets: { generators: 'pages[count]' } }),
    );
    expect(text).to.include('\npages 1.2.3\n  preset: node, made for this module: prefer it to a target\n');
    expect(text).to.include('\n  or as a target, which says less: pages[count]\n');
  });

  it('has in green what to do first: the preset where there is one, else the target', () => {
    const green = (more: Partial<ModuleInspection>) =>
      Array.from(
        // eslint-disable-next-line no-control-regex
        formatAll([pages([entry([found('count')])], more)], { colour: true }).matchAll(/\x1b\[32m(\w+)/g),
        ([, word]) => word,
      );
    const targets = { generators: 'pages[count]' };
    expect(green({ targets })).to.deep.equal(['target']);
    expect(green({ presets: ['node'], targets })).to.deep.equal(['preset']);
  });

  it('gives the preset to paste, and targets only for the modules that have none', () => {
    const withPreset = pages([entry([found('count')])], { presets: ['node'], targets: { generators: 'pages[count]' } });
    const without = pages([entry([found('list')])], { module: 'lists', targets: { generators: 'lists[list]' } });
    expect(formatAll([withPreset, without])).to.include(
      '\nTo trace them\n' +
        "  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS='node'\n" +
        "  presets: ['node']\n" +
        "  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS='lists[list]'\n" +
        "  targets: ['lists[list]']\n",
    );
  });

  it('says that code has run, and for how long it may', () => {
    expect(format(pages([entry([])]))).to.match(
      /^Each module was loaded in a process of its own, for at most 10 s: its code has run there/,
    );
  });

  it('says so only if it has', () => {
    const text = format(pages([], { version: undefined, problem: { code: 'not-found', message: 'no package pages' } }));
    expect(text).to.equal('pages\n  no package pages.\n');
  });

  it('says that a module exports nothing', () => {
    expect(format(pages([entry([])]))).to.include('\n  It exports nothing.\n');
  });

  it('shows where a module was found, what is in it, and the target', () => {
    const text = format(pages([entry([found('paginateParts')])], { targets: { generators: 'pages[paginateParts]' } }));
    expect(text).to.include('pages 1.2.3\n  require, import: CommonJS node_modules/pages/index.js\n');
    expect(text).to.match(
      /ASYNC GENERATOR +IT IS A +REQUIRE, IMPORT\n +paginateParts +function +property → property\n/,
    );
    expect(text).to.include('\n  target: pages[paginateParts]\n');
  });

  it('has a column for each file only where they are patched in different ways', () => {
    const required = entry([found('count', { definition: 'locked getter', patch: { method: 'exports' } })], {
      loadedBy: ['require'],
    });
    const imported = entry(
      [found('count', { definition: 'ES module binding', patch: { method: 'binding' } })],
      asImported,
    );
    expect(format(pages([required, imported]))).to.match(
      /REQUIRE +IMPORT\n +count +function +locked getter → exports +binding → binding\n/,
    );
    const same = entry([found('count', { definition: 'locked getter', patch: { method: 'exports' } })], asImported);
    expect(format(pages([required, same]))).to.match(/REQUIRE, IMPORT\n +count +function +locked getter → exports\n/);
  });

  it('says where an export is in one of the files only', () => {
    const required = entry([found('count')], { loadedBy: ['require'] });
    const imported = entry([found('count'), found('other')], asImported);
    expect(format(pages([required, imported]))).to.match(/other +function +not there +property → property\n/);
  });

  it('shows guesses apart, with what they are based on', () => {
    const text = format(pages([entry([found('count'), guess('streamText')])]));
    expect(text).to.match(
      /MAY RETURN ONE +BECAUSE OF +REQUIRE, IMPORT\n +streamText +name: stream +property → property\n/,
    );
  });

  it('says once why exports cannot be patched', () => {
    const patch = { reason: 'they are read-only' };
    const text = format(pages([entry([found('one', { patch }), found('two', { patch })])]));
    expect(text.match(/not patchable \(1\)/g)).to.have.lengthOf(2);
    expect(text.match(/\(1\) they are read-only/g)).to.have.lengthOf(1);
  });

  it('cuts a long list of guesses short, and says so', () => {
    const text = format(pages([entry(Array.from({ length: 30 }, (_, index) => guess(`stream${index}`)))]));
    expect(text).to.include('stream24').and.not.include('stream25');
    expect(text).to.include('5 more functions may return one: --json lists them.');
  });

  it('names exports that were not looked at', () => {
    const text = format(pages([entry([], { unread: ['heavy', 'broken'], exportCount: 3 })]));
    expect(text).to.include('None of its 3 exports is an async generator');
    expect(text).to.match(/Not looked at, .*: heavy,\s+broken\./s);
  });

  it('says of a single export that it is none', () => {
    expect(format(pages([entry([], { exportCount: 1 })]))).to.include('Its only export is not an async generator');
  });

  it('says how to name what a factory makes, where there is nothing else to name', () => {
    const factories = ['createClient'];
    expect(format(pages([entry([], { factories })]))).to.include('pages[createClient().name]');
    expect(format(pages([entry([found('count')], { factories })]))).not.to.include('createClient');
  });

  it('ends with a line for the shell and one for code, quoted', () => {
    const module = pages([entry([found('count')])], {
      module: "./it's.js",
      targets: { generators: "./it's.js[count]" },
    });
    const text = format(module);
    expect(text).to.include(`OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS='./it'\\''s.js[count]'\n`);
    expect(text).to.include(`targets: ['./it\\'s.js[count]']\n`);
  });

  it('has no such lines where nothing can be traced', () => {
    expect(format(pages([entry([])]))).not.to.include('TARGETS');
  });

  it('says what went wrong, and shows the rest', () => {
    const problem = { code: 'threw', message: 'it threw while it was loaded: Error: no' };
    const text = format(
      pages([entry([found('count')], { loadedBy: ['require'] }), entry([], { ...asImported, problem })]),
    );
    expect(text).to.include('    it threw while it was loaded: Error: no.\n');
    expect(text).to.match(/count +function/);
  });

  it('shows no control characters of a module', () => {
    const problem = { code: 'threw', message: 'Error: \u001b[2J gone' };
    const text = format(pages([entry([found('a\u001b[31mb')]), entry([], { problem })], { module: './x\u0007.js' }));
    expect(text).to.include('a\\u001b[31mb').and.include('Error: \\u001b[2J gone').and.include('./x\\u0007.js');
    expect(text.replaceAll('\n', '')).not.to.match(/\p{Cc}/u);
  });

  it('has nothing but ASCII where that is all there is', () => {
    const module = pages([entry([guess('streamText', ['source: async iterables', 'name: stream'])])]);
    const text = format(module, { columns: 70, hasUnicode: false });
    expect(text).to.include('streamText').and.include('property -> property');
    expect(format(module, { columns: 40, hasUnicode: false })).to.match(/async ite\.\.\. /);
    expect(text).to.match(/^[\x20-\x7e\n]*$/);
  });

  it('has colours only if they are wanted', () => {
    const module = pages([entry([found('count')])], { targets: { generators: 'pages[count]' } });
    expect(format(module)).not.to.include('\u001b');
    const coloured = format(module, { colour: true });
    expect(coloured).to.include('\u001b[32mtarget: pages[count]\u001b[39m');
    expect(stripVTControlCharacters(coloured)).to.equal(format(module));
  });

  for (const columns of [60, 80, 120]) {
    it(`keeps within ${columns} columns, but for what is to be copied`, () => {
      const long = 'OpenAI.FineTuning.Checkpoints.Permissions#createAndStream';
      const module = pages([
        entry([guess(long, ['source: async iterables', 'name: stream'])], {
          loadedBy: ['require'],
          unread: ['one', 'two'],
        }),
        entry([guess(long), guess('streamText')], asImported),
      ]);
      const lines = format(module, { columns })
        .split('\n')
        .filter((line) => !/pages\[|targets:|TARGETS/.test(line));
      for (const line of lines) expect(widthOf(line), line).to.be.at.most(columns);
    });
  }

  it('gives its reasons in full, and in fewer words where there is little room', () => {
    const locked = { definition: 'locked getter', patch: { method: 'exports' } } as const;
    const subscribe = guess('subscribe', ['source: async iterables', 'name: subscribe']);
    const module = pages([entry([{ ...subscribe, ...locked }])]);
    const rowAt = (columns: number) => /^ +subscribe.*$/m.exec(format(module, { columns }))?.[0];
    expect(rowAt(100)).to.match(/source: async iterables, name: subscribe +locked getter → exports$/);
    expect(rowAt(80)).to.match(/subscribe +async iterables, its name +locked getter → exports$/);
    expect(rowAt(60)).to.match(/subscribe +async iterables, its name +exports$/);
  });

  it('explains the arrow only where a table has one', () => {
    const legend = 'x → y: how an export is defined';
    const module = pages([entry([found('paginateEverythingThatThereIs', { definition: 'locked getter' })])]);
    expect(format(module, { columns: 100 })).to.include(legend);
    expect(format(module, { columns: 50 }))
      .to.include('PATCHED BY')
      .and.not.include(legend);
  });

  it('has room for the names of a large client in 80 columns', () => {
    const names = ['OpenAI.Beta.Threads.Runs#submitToolOutputsStream', 'OpenAI.Beta.Threads.Runs#submitToolOutputs'];
    const module = pages([entry(names.map((name) => guess(name, ['source: a stream option'])))]);
    const text = format(module, { columns: 80 });
    expect(text).to.match(/MAY RETURN ONE +BECAUSE OF +PATCHED BY\n/);
    for (const name of names) expect(text).to.match(new RegExp(`${name} +a stream option +property\\n`));
  });

  it('says no more than how it is patched where there is little room', () => {
    const locked = { definition: 'locked getter', patch: { method: 'exports' } } as const;
    const binding = { definition: 'ES module binding', patch: { method: 'binding' } } as const;
    const module = pages([
      entry([found('readUIMessageStream', locked)], { loadedBy: ['require'] }),
      entry([found('readUIMessageStream', binding)], asImported),
    ]);
    expect(format(module, { columns: 60 })).to.match(/readUIMessageStream +function +exports +binding\n/);
  });
});

const rows = [
  ['EXPORT', 'BECAUSE OF', 'REQUIRE'],
  ['streamText', 'source: async iterables, name: stream', 'locked getter → exports'],
  ['count', 'name: stream', 'property → property'],
];

/** Without its indent, and the empty line above it. */
const layOut = (table: string[][], columns: number) =>
  formatTable(table, terminal({ columns: columns + 2 }))
    .slice(1)
    .map((line) => line.slice(2));

describe('a table', () => {
  it('aligns its columns', () => {
    expect(layOut(rows, 100)).to.deep.equal([
      'EXPORT      BECAUSE OF                             REQUIRE',
      'streamText  source: async iterables, name: stream  locked getter → exports',
      'count       name: stream                           property → property',
    ]);
  });

  it('takes room from the second column first', () => {
    expect(layOut(rows, 60)).to.deep.equal([
      'EXPORT      BECAUSE OF               REQUIRE',
      'streamText  source: async iterable…  locked getter → exports',
      'count       name: stream             property → property',
    ]);
  });

  it('keeps the names for as long as it can', () => {
    const [, line] = layOut(rows, 38);
    expect(line).to.match(/^streamText {2}source: asy… {2}locked gett…$/);
  });

  for (const columns of [40, 60, 80, 120]) {
    it(`keeps within ${columns} columns`, () => {
      for (const line of layOut(rows, columns)) expect(line.length).to.be.at.most(columns);
    });
  }

  it('counts the columns of wide characters', () => {
    expect(
      layOut(
        [
          ['A', 'B', 'C'],
          ['日本', 'b', 'c'],
          ['abcde', 'b', 'c'],
        ],
        80,
      ),
    ).to.deep.equal(['A      B  C', '日本   b  c', 'abcde  b  c']);
  });

  it('cuts a name in the middle: its end says which it is', () => {
    const names = [
      ['EXPORT', 'BECAUSE OF'],
      ['OpenAI.Chat.Completions#stream', 'name: stream'],
      ['OpenAI.Chat.Completions#create', 'name: stream'],
    ];
    const [, ...lines] = layOut(names, 34);
    expect(lines).to.deep.equal(['OpenAI…etions#stream  name: stream', 'OpenAI…etions#create  name: stream']);
  });

  it('knows the width at which nothing is cut', () => {
    const width = Math.max(...layOut(rows, 1000).map((line) => widthOf(line)));
    expect(layOut(rows, width).join()).not.to.include('…');
    expect(layOut(rows, width - 1).join()).to.include('…');
  });
});
