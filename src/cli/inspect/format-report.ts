/**
 * The report as text.
 */
import * as path from 'node:path';
import { escapeControls } from '../../base/foreign-text';
import { terminalOf, type Paint } from '../terminal';
import { asSentence, count, wrap } from '../text';
import type { EntryInspection, InspectReport, ModuleInspection, WrittenGenerator } from './report';
import { layOut, widthOfTable } from './table';
import type { Definition, InspectedExport } from './types';

export interface FormatOptions {
  readonly cwd: string;
  readonly colour: boolean;
  readonly columns: number;
  readonly hasUnicode?: boolean;
  readonly timeoutMs: number;
}

/** More rows than this of functions that only may return an async iterable are in the way of the rest. */
const ENOUGH_GUESSES = 25;

const INDENT = '  ';

export function formatReport(report: InspectReport, options: FormatOptions): string {
  const layout = new Layout(options);
  if (report.modules.some(({ entries }) => entries.length > 0)) {
    const limit = `${options.timeoutMs / 1000} s`;
    layout.paragraph(
      '',
      `Each module was loaded in a process of its own, for at most ${limit}: its code has run there. What it printed was dropped.`,
      'dim',
    );
  }
  for (const module of report.modules) formatModule(module, layout, options);
  formatTargets(report, layout);
  if (report.modules.some(({ entries }) => entries.some(({ exports }) => exports.length > 0))) {
    layout.line();
    layout.paragraph(
      '',
      `x ${layout.signs.arrow} y: how an export is defined, and what of it a target replaces.`,
      'dim',
    );
  }
  return layout.text();
}

interface Signs {
  readonly arrow: string;
  readonly ellipsis: string;
}

const UNICODE: Signs = { arrow: '→', ellipsis: '…' };
const ASCII: Signs = { arrow: '->', ellipsis: '...' };

/** Collects lines, each within the width. */
class Layout {
  readonly paint: Paint;
  readonly signs: Signs;
  private readonly lines: string[] = [];

  constructor(readonly options: FormatOptions) {
    this.paint = terminalOf({ isTTY: options.colour }, {}).paint;
    this.signs = options.hasUnicode === false ? ASCII : UNICODE;
  }

  line(text = ''): void {
    this.lines.push(text);
  }

  /** An empty line, unless it would be the first. */
  separate(): void {
    if (this.lines.length > 0) this.line();
  }

  /** Text of any length, with a hanging indent. */
  paragraph(indent: string, text: string, style?: Parameters<Paint>[0]): void {
    wrap(escapeControls(text), this.options.columns - indent.length - INDENT.length).forEach((line, index) => {
      const shown = style === undefined ? line : this.paint(style, line);
      this.lines.push(indent + (index === 0 ? '' : INDENT) + shown);
    });
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }
}

function formatModule(module: ModuleInspection, layout: Layout, options: FormatOptions): void {
  const { entries, problem, version } = module;
  layout.separate();
  layout.line(
    layout.paint('bold', escapeControls(module.module)) + (version === undefined ? '' : ` ${escapeControls(version)}`),
  );
  if (problem !== undefined) layout.paragraph(INDENT, asSentence(problem.message), 'red');
  if (module.definitions !== undefined) formatWritten(module.definitions, module, layout);
  for (const entry of entries) {
    layout.paragraph(
      INDENT,
      `${entry.loadedBy.join(', ')}: ${FORMATS[entry.format]}${placeOf(entry, options.cwd)}`,
      'dim',
    );
    if (entry.problem !== undefined) layout.paragraph(INDENT + INDENT, asSentence(entry.problem.message), 'red');
  }
  const loaded = entries.filter((entry) => entry.problem === undefined);
  if (loaded.length > 0) formatExports(module, loaded, layout);
}

function formatWritten(definitions: readonly WrittenGenerator[], module: ModuleInspection, layout: Layout): void {
  if (definitions.length === 0) {
    layout.paragraph(INDENT, 'No async generator is written in it.');
    return;
  }
  const notes = new Notes();
  const rows = definitions.map(({ path, line, column, isTraceable, reason }) => [
    path,
    `${line}:${column}`,
    isTraceable ? '' : `not traceable (${notes.numberOf(reason)})`,
  ]);
  const isPlain = rows.every(([, , note]) => note === '');
  const table = [['ASYNC GENERATOR', 'LINE', ''], ...rows].map((row) =>
    (isPlain ? row.slice(0, 2) : row).map(escapeControls),
  );
  layout.line();
  layOut(table, layout.options.columns - INDENT.length, layout.signs.ellipsis).forEach((line, index) => {
    layout.line(INDENT + (index === 0 ? layout.paint('dim', line) : line));
  });
  layout.line();
  notes.texts.forEach((text, index) => {
    layout.paragraph(INDENT, `(${index + 1}) ${text}`, 'yellow');
  });
  formatModuleTargets(module, [], layout);
}

const FORMATS = { commonjs: 'CommonJS', module: 'ES module', builtin: 'core module' };

function placeOf({ file, format }: EntryInspection, cwd: string): string {
  if (format === 'builtin') return '';
  const relative = path.relative(cwd, file);
  return ` ${relative.length < file.length ? relative : file}`;
}

function formatExports(module: ModuleInspection, entries: readonly EntryInspection[], layout: Layout): void {
  const rows = mergeRows(entries);
  const generators = rows.filter(([first]) => first.isAsyncGenerator);
  const guesses = rows.filter(([first]) => !first.isAsyncGenerator);
  const notes = new Notes();
  formatTable('ASYNC GENERATOR', 'IT IS A', generators, entries, notes, layout);
  formatTable('MAY RETURN ONE', 'BECAUSE OF', guesses.slice(0, ENOUGH_GUESSES), entries, notes, layout);
  layout.line();
  notes.texts.forEach((text, index) => {
    layout.paragraph(INDENT, `(${index + 1}) ${text}`, 'yellow');
  });
  formatRest(entries, rows.length, guesses.length - Math.min(guesses.length, ENOUGH_GUESSES), layout);
  if (rows.length === 0) formatFactories(module, entries, layout);
  formatModuleTargets(module, guesses, layout);
}

function formatTable(
  name: string,
  about: string,
  rows: readonly Row[],
  entries: readonly EntryInspection[],
  notes: Notes,
  layout: Layout,
): void {
  if (rows.length === 0) return;
  const withDefinition = (found: InspectedExport) =>
    `${definitionOf(found)} ${layout.signs.arrow} ${patchOf(found, notes)}`;
  const full: Wording = { whatIs, patch: withDefinition };
  const short: Wording = { whatIs: whatIsInShort, patch: withDefinition };
  const shortest: Wording = {
    whatIs: whatIsInShort,
    patch: (found) => methodOf(found, notes),
    patchTitle: 'PATCHED BY',
  };
  const tables = [full, short, shortest].map((wording) => tableOf([name, about], rows, entries, wording));
  const columns = layout.options.columns - INDENT.length;
  const table = tables.find((each) => widthOfTable(each) <= columns) ?? (tables.at(-1) as string[][]);
  layout.line();
  layOut(table, columns, layout.signs.ellipsis).forEach((line, index) => {
    layout.line(INDENT + (index === 0 ? layout.paint('dim', line) : line));
  });
}

/** How much is said in a table: there may be little room. */
interface Wording {
  whatIs(found: InspectedExport): string;
  patch(found: InspectedExport): string;
  /** Of the column for files that are all patched in the same way, which are named above the table. */
  readonly patchTitle?: string;
}

function tableOf(
  head: readonly string[],
  rows: readonly Row[],
  entries: readonly EntryInspection[],
  wording: Wording,
): string[][] {
  const ways = entries.map(({ loadedBy }) => loadedBy.join(', ').toUpperCase());
  const cells = rows.map(([, each]) => each.map((one) => (one === undefined ? 'not there' : wording.patch(one))));
  // Most packages that come in two files are patched in the same way in both.
  const isSame = cells.every(([first, ...others]) => others.every((other) => other === first));
  const body = rows.map(([first], index) => {
    const patches = cells[index] as string[];
    return [first.selector, wording.whatIs(first), ...(isSame ? patches.slice(0, 1) : patches)];
  });
  return [[...head, ...(isSame ? [wording.patchTitle ?? ways.join(', ')] : ways)], ...body].map((row) =>
    row.map(escapeControls),
  );
}

/** An export, and what it is in each of the files. */
type Row = readonly [InspectedExport, readonly (InspectedExport | undefined)[]];

function mergeRows(entries: readonly EntryInspection[]): Row[] {
  const tables = entries.map(({ exports }) => new Map(exports.map((each) => [each.selector, each])));
  const selectors = new Set(tables.flatMap((table) => [...table.keys()]));
  return [...selectors].map((selector): Row => {
    const cells = tables.map((table) => table.get(selector));
    const first = cells.find((cell) => cell?.isAsyncGenerator) ?? cells.find((cell) => cell !== undefined);
    return [first as InspectedExport, cells];
  });
}

function whatIs({ isAsyncGenerator, kind, evidence, sameAs }: InspectedExport): string {
  if (sameAs !== undefined) return `same as ${sameAs}`;
  return isAsyncGenerator ? kind : evidence.join(', ');
}

/** `source: a stream option, name: stream` -> `a stream option, its name`. */
function whatIsInShort(found: InspectedExport): string {
  const evidence = found.evidence.map((each) => each.replace(/^source: /, '').replace(/^name: .*/, 'its name'));
  return whatIs({ ...found, evidence });
}

/** Words for `Definition` that leave room. */
const DEFINITIONS: Readonly<Record<Definition, string>> = {
  'data property': 'property',
  'read-only property': 'read-only property',
  getter: 'getter',
  'locked getter': 'locked getter',
  'ES module binding': 'binding',
  'module.exports': 'module.exports',
  'prototype method': 'prototype',
  'static method': 'static',
  'inherited method': 'inherited',
};

function definitionOf({ definition, inheritedFrom }: InspectedExport): string {
  return DEFINITIONS[definition] + (inheritedFrom === undefined ? '' : ` from ${inheritedFrom}`);
}

function patchOf({ patch }: InspectedExport, notes: Notes): string {
  return patch.method ?? `not patchable (${notes.numberOf(patch.reason)})`;
}

/** The same where there is little room. */
function methodOf({ patch }: InspectedExport, notes: Notes): string {
  return patch.method ?? `no (${notes.numberOf(patch.reason)})`;
}

/** Footnotes, each once. */
class Notes {
  readonly texts: string[] = [];

  numberOf(text = 'no reason given'): number {
    if (!this.texts.includes(text)) this.texts.push(text);
    return this.texts.indexOf(text) + 1;
  }
}

function formatRest(entries: readonly EntryInspection[], shown: number, left: number, layout: Layout): void {
  const exportCount = Math.max(...entries.map((entry) => entry.exportCount));
  if (shown === 0) {
    const what =
      exportCount === 0
        ? 'It exports nothing'
        : exportCount === 1
          ? 'Its only export is no async generator, and does not look as if it returned one'
          : `Among its ${count(exportCount, 'export')} is no async generator, and none that looks as if it returned one`;
    layout.paragraph(INDENT, `${what}.`);
  } else {
    const more = left > 0 ? `${count(left, 'more function')} may return one: --json lists them. ` : '';
    layout.paragraph(INDENT, `${more}It has ${count(exportCount, 'export')}.`, 'dim');
  }
  const unspellable = [...new Set(entries.flatMap((entry) => entry.unspellable))];
  if (unspellable.length > 0) {
    layout.paragraph(
      INDENT,
      `No selector can spell the names of these async generators: ${unspellable.map((name) => JSON.stringify(name)).join(', ')}. ` +
        'A wildcard takes those that are not symbols, or wrap them with traceAsyncGenerator.',
    );
  }
  const unread = [...new Set(entries.flatMap((entry) => entry.unread))];
  if (unread.length > 0) {
    const some = unread.slice(0, 8).join(', ') + (unread.length > 8 ? `, and ${unread.length - 8} more` : '');
    layout.paragraph(
      INDENT,
      `Not looked at, for they are behind getters that run code when they are read: ${some}. ` +
        'A target that names one reads it.',
    );
  }
}

/** What nobody can see from outside, but can be traced. */
function formatFactories({ module }: ModuleInspection, entries: readonly EntryInspection[], layout: Layout): void {
  const [factory] = entries.flatMap(({ factories }) => factories);
  if (factory === undefined) return;
  layout.paragraph(
    INDENT,
    `What a factory makes cannot be seen without a call. If ${factory}() makes an object that has such a method, or is ` +
      `such a function itself, this traces it: ${module}[${factory}().method], ${module}[${factory}()].`,
  );
}

/** Names enough to see how it is written. */
const SOME = 3;

function formatModuleTargets(module: ModuleInspection, guesses: readonly Row[], layout: Layout): void {
  const { generators, possible } = module.targets;
  for (const preset of module.presets ?? []) {
    layout.paragraph(INDENT, `preset: ${preset}, made for this module: prefer it to a target`, 'green');
  }
  if (generators !== undefined) layout.paragraph(INDENT, `target: ${generators}`, 'green');
  const label = generators === undefined ? 'target' : 'or';
  if (possible !== undefined) layout.paragraph(INDENT, `${label}, reduced to those that you use: ${possible}`);
  else if (guesses.length > 0) {
    const names = guesses.slice(0, SOME).map(([{ selector }]) => selector);
    layout.paragraph(
      INDENT,
      `${label}, with the names of those that you use: ${module.module}[${names.join(',')},...]`,
    );
  }
}

/** All of them in one, for the two places that take them. */
function formatTargets({ modules }: InspectReport, layout: Layout): void {
  const lines = modules.flatMap(({ targets }) => targets.generators ?? targets.possible ?? []);
  if (lines.length === 0) return;
  layout.line();
  layout.line(layout.paint('bold', 'To trace them'));
  layout.line(`${INDENT}OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS=${quote(lines.join(';'), `'\\''`)}`);
  layout.line(`${INDENT}targets: [${lines.map((line) => quote(line.replaceAll('\\', '\\\\'), "\\'")).join(', ')}]`);
}

function quote(text: string, escapedQuote: string): string {
  return `'${escapeControls(text).replaceAll("'", escapedQuote)}'`;
}
