/**
 * The report as text, as wide as the terminal.
 */
import * as path from 'node:path';
import { escapeControls } from '../../base/foreign-text';
import { PREFIX } from '../../options/sources';
import {
  asSentence,
  count,
  padEnd,
  truncate,
  truncateMiddle,
  widthOf,
  wrap,
  type Style,
  type Terminal,
} from '../terminal';
import type {
  Definition,
  EntryInspection,
  InspectedExport,
  InspectReport,
  ModuleInspection,
  WrittenGenerator,
} from './model';

const INDENT = '  ';

export interface FormatOptions {
  readonly cwd: string;
  /** How long a module may take to load, in seconds. */
  readonly timeout: number;
  readonly terminal: Terminal;
}

/** Functions that only may return an async iterable get no more rows than this, so that they do not hide the rest. */
const MOST_GUESSES = 25;

export function formatReport({ modules }: InspectReport, options: FormatOptions): string {
  const { terminal, timeout } = options;
  const entries = modules.flatMap((module) => module.entries);
  const warning = `Each module was loaded in a process of its own, for at most ${timeout} s: its code has run there. Its output was dropped.`;
  const key = `x ${arrow(terminal)} y: how an export is defined, and what of it a target replaces.`;
  const listed = modules.map((module) => formatModule(module, options));
  const hasArrows = listed.flat().some((line) => line.includes(` ${arrow(terminal)} `));
  const blocks = [
    paragraph('', entries.length > 0 && warning, terminal, 'dim'),
    ...listed,
    formatTargets(modules, terminal),
    paragraph('', hasArrows && key, terminal, 'dim'),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

const arrow = ({ hasUnicode }: Terminal) => (hasUnicode ? '→' : '->');

function formatModule(module: ModuleInspection, options: FormatOptions): string[] {
  const { entries, problem, version, definitions } = module;
  const { terminal, cwd } = options;
  const title = terminal.paint('bold', escapeControls(module.module));
  const loaded = entries.filter((entry) => entry.problem === undefined);
  return [
    version === undefined ? title : `${title} ${escapeControls(version)}`,
    ...formatPresets(module, terminal),
    ...formatProblem(INDENT, problem, terminal),
    ...(definitions === undefined ? [] : formatWritten(definitions, module, terminal)),
    ...entries.flatMap((entry) => [
      ...paragraph(INDENT, `${entry.loadedBy.join(', ')}: ${placeOf(entry, cwd)}`, terminal, 'dim'),
      ...formatProblem(INDENT + INDENT, entry.problem, terminal),
    ]),
    ...(loaded.length === 0 ? [] : formatExports(module, loaded, terminal)),
  ];
}

/** First, since a preset is what most people want. */
const formatPresets = ({ presets = [] }: ModuleInspection, terminal: Terminal) =>
  presets.flatMap((preset) =>
    paragraph(INDENT, `preset: ${preset}, made for this module: prefer it to a target`, terminal, 'green'),
  );

const formatProblem = (indent: string, problem: ModuleInspection['problem'], terminal: Terminal) =>
  paragraph(indent, problem !== undefined && asSentence(problem.message), terminal, 'red');

const FORMATS = { commonjs: 'CommonJS', module: 'ES module', builtin: 'core module' };

function placeOf({ file, format }: EntryInspection, cwd: string): string {
  if (format === 'builtin') return FORMATS[format];
  const relative = path.relative(cwd, file);
  return `${FORMATS[format]} ${relative.length < file.length ? relative : file}`;
}

function formatWritten(
  definitions: readonly WrittenGenerator[],
  module: ModuleInspection,
  terminal: Terminal,
): string[] {
  if (definitions.length === 0) return paragraph(INDENT, 'No async generator is defined in it.', terminal);
  const notes = new Notes();
  const rows = definitions.map(({ path, line, column, isTraceable, reason }) => [
    path,
    `${line}:${column}`,
    ...(isTraceable ? [] : [`not traceable (${notes.numberOf(reason)})`]),
  ]);
  return [
    ...formatTable([['ASYNC GENERATOR', 'LINE'], ...rows], terminal),
    '',
    ...notes.lines(terminal),
    ...formatModuleTargets(module, [], terminal),
  ];
}

function formatExports(module: ModuleInspection, entries: readonly EntryInspection[], terminal: Terminal): string[] {
  const rows = mergeRows(entries);
  const generators = rows.filter(([first]) => first.isAsyncGenerator);
  const guesses = rows.filter(([first]) => !first.isAsyncGenerator);
  const notes = new Notes();
  return [
    ...formatRows(['ASYNC GENERATOR', 'IT IS A'], generators, entries, notes, terminal),
    ...formatRows(['MAY RETURN ONE', 'BECAUSE OF'], guesses.slice(0, MOST_GUESSES), entries, notes, terminal),
    '',
    ...notes.lines(terminal),
    ...formatRest(entries, rows.length, Math.max(guesses.length - MOST_GUESSES, 0), terminal),
    ...(rows.length === 0 ? formatFactories(module, entries, terminal) : []),
    ...formatModuleTargets(module, guesses, terminal),
  ];
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

/** How much is said in a table. */
interface Wording {
  whatIs(found: InspectedExport): string;
  patch(found: InspectedExport): string;
  /** Of the column for files that are all patched in the same way, which are named above the table. */
  readonly patchTitle?: string;
}

/** In the longest wording that fits, otherwise in the shortest. */
function formatRows(
  head: readonly string[],
  rows: readonly Row[],
  entries: readonly EntryInspection[],
  notes: Notes,
  terminal: Terminal,
): string[] {
  if (rows.length === 0) return [];
  const patch = (found: InspectedExport) =>
    `${definitionOf(found)} ${arrow(terminal)} ${patchOf(found, 'not patchable', notes)}`;
  const shortest: Wording = {
    whatIs: whatIsInShort,
    patch: (found) => patchOf(found, 'no', notes),
    patchTitle: 'PATCHED BY',
  };
  const wordings: Wording[] = [{ whatIs, patch }, { whatIs: whatIsInShort, patch }, shortest];
  const tables = wordings.map((wording) => tableOf(head, rows, entries, wording));
  const fitting = tables.find((table) => widthOfTable(widthsOf(table)) <= terminal.columns - INDENT.length);
  return formatTable(fitting ?? (tables.at(-1) as string[][]), terminal);
}

function tableOf(
  head: readonly string[],
  rows: readonly Row[],
  entries: readonly EntryInspection[],
  wording: Wording,
): string[][] {
  const ways = entries.map(({ loadedBy }) => loadedBy.join(', ').toUpperCase());
  const cells = rows.map(([, each]) => each.map((one) => (one === undefined ? 'not there' : wording.patch(one))));
  // Most packages that have two files are patched in the same way in both.
  const isSame = cells.every(([first, ...others]) => others.every((other) => other === first));
  const body = rows.map(([first], index) => {
    const patches = cells[index] as string[];
    return [first.selector, wording.whatIs(first), ...(isSame ? patches.slice(0, 1) : patches)];
  });
  return [[...head, ...(isSame ? [wording.patchTitle ?? ways.join(', ')] : ways)], ...body];
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

const definitionOf = ({ definition, inheritedFrom }: InspectedExport): string =>
  DEFINITIONS[definition] + (inheritedFrom === undefined ? '' : ` from ${inheritedFrom}`);

const patchOf = ({ patch }: InspectedExport, not: string, notes: Notes): string =>
  patch.method ?? `${not} (${notes.numberOf(patch.reason)})`;

/** Footnotes, each once. */
class Notes {
  private readonly texts: string[] = [];

  numberOf(text = 'no reason given'): number {
    if (!this.texts.includes(text)) this.texts.push(text);
    return this.texts.indexOf(text) + 1;
  }

  lines(terminal: Terminal): string[] {
    return this.texts.flatMap((text, index) => paragraph(INDENT, `(${index + 1}) ${text}`, terminal, 'magenta'));
  }
}

function formatRest(entries: readonly EntryInspection[], shown: number, left: number, terminal: Terminal): string[] {
  const exportCount = Math.max(...entries.map((entry) => entry.exportCount));
  const more = left > 0 ? `${count(left, 'more function')} may return one: --json lists them. ` : '';
  const summary = shown === 0 ? whyNone(exportCount) : `${more}It has ${count(exportCount, 'export')}.`;
  const unspellable = [...new Set(entries.flatMap((entry) => entry.unspellable))].map((name) => JSON.stringify(name));
  const unread = [...new Set(entries.flatMap((entry) => entry.unread))];
  const someUnread = unread.slice(0, 8).join(', ') + (unread.length > 8 ? `, and ${unread.length - 8} more` : '');
  return [
    ...paragraph(INDENT, summary, terminal, shown === 0 ? undefined : 'dim'),
    ...paragraph(
      INDENT,
      unspellable.length > 0 &&
        `No selector can spell the names of these async generators: ${unspellable.join(', ')}. ` +
          'A wildcard takes those that are not symbols, or wrap them with traceAsyncGenerator.',
      terminal,
    ),
    ...paragraph(
      INDENT,
      unread.length > 0 &&
        `Not looked at, because their getters run code when they are read: ${someUnread}. ` +
          'A target that names one reads it.',
      terminal,
    ),
  ];
}

function whyNone(exportCount: number): string {
  if (exportCount === 0) return 'It exports nothing.';
  return exportCount === 1
    ? 'Its only export is not an async generator, and does not look as if it returned one.'
    : `None of its ${count(exportCount, 'export')} is an async generator, or looks as if it returned one.`;
}

/** What `inspect` cannot see, and a target can trace. */
function formatFactories(
  { module }: ModuleInspection,
  entries: readonly EntryInspection[],
  terminal: Terminal,
): string[] {
  const [factory] = entries.flatMap(({ factories }) => factories);
  if (factory === undefined) return [];
  const text =
    `What a factory makes cannot be seen without a call. If ${factory}() makes an object that has such a method, or a ` +
    `stream in a property, or is such a function itself, this traces it: ${module}[${factory}().name], ${module}[${factory}()].`;
  return paragraph(INDENT, text, terminal);
}

/** As many names as it takes to see how the list is written. */
const SOME = 3;

function formatModuleTargets(module: ModuleInspection, guesses: readonly Row[], terminal: Terminal): string[] {
  const { generators, possible } = module.targets;
  const label = generators === undefined ? 'target' : 'or';
  const names = guesses.slice(0, SOME).map(([{ selector }]) => selector);
  const choice =
    possible !== undefined
      ? `reduced to those that you use: ${possible}`
      : `with the names of those that you use: ${module.module}[${names.join(',')},...]`;
  const target = module.presets === undefined ? 'target' : 'or as a target, which says less';
  return [
    // What to do first is green: the preset, if there is one.
    ...paragraph(
      INDENT,
      generators !== undefined && `${target}: ${generators}`,
      terminal,
      module.presets === undefined ? 'green' : undefined,
    ),
    ...paragraph(INDENT, (possible !== undefined || guesses.length > 0) && `${label}, ${choice}`, terminal),
  ];
}

/** All of them in one, for the two places that take them. A module that a preset is made for needs no target. */
function formatTargets(modules: readonly ModuleInspection[], { paint }: Terminal): string[] {
  const presets = [...new Set(modules.flatMap((module) => module.presets ?? []))];
  const targets = modules.flatMap((module) =>
    module.presets === undefined ? (module.targets.generators ?? module.targets.possible ?? []) : [],
  );
  if (presets.length + targets.length === 0) return [];
  return [
    paint('bold', 'To trace them'),
    ...formatSetting('presets', presets, ','),
    ...formatSetting('targets', targets, ';'),
  ];
}

function formatSetting(option: 'presets' | 'targets', values: readonly string[], separator: string): string[] {
  if (values.length === 0) return [];
  return [
    `${INDENT}${PREFIX}${option.toUpperCase()}=${quote(values.join(separator), `'\\''`)}`,
    `${INDENT}${option}: [${values.map((value) => quote(value.replaceAll('\\', '\\\\'), "\\'")).join(', ')}]`,
  ];
}

function quote(text: string, escapedQuote: string): string {
  return `'${escapeControls(text).replaceAll("'", escapedQuote)}'`;
}

/** Text of any length, with a hanging indent; nothing for `false`. */
function paragraph(indent: string, text: string | false, { columns, paint }: Terminal, style?: Style): string[] {
  if (text === false) return [];
  return wrap(escapeControls(text), columns - indent.length - INDENT.length).map(
    (line, index) => indent + (index === 0 ? '' : INDENT) + (style === undefined ? line : paint(style, line)),
  );
}

const GAP = '  ';
/** A column that shows less than this says nothing. */
const NARROWEST = 12;

/**
 * A table below an empty line. The first row is the head, and a row may lack its last cell. No library shrinks columns in this order: if they do
 * not fit, first the second, then the widest, and last the names in the first column.
 */
export function formatTable(table: readonly (readonly string[])[], { columns, paint, hasUnicode }: Terminal): string[] {
  const rows = table.map((row) => row.map(escapeControls));
  const ellipsis = hasUnicode ? '…' : '...';
  const widths = widthsOf(rows);
  while (widthOfTable(widths) > columns - INDENT.length) {
    const [, second = 0, ...others] = widths;
    const widest = Math.max(second, ...others);
    const index = second > NARROWEST ? 1 : widest > NARROWEST ? widths.lastIndexOf(widest) : 0;
    const width = widths[index] as number;
    if (width <= NARROWEST) break;
    widths[index] = width - 1;
  }
  const lines = rows.map((row) => {
    const cells = row.map((cell, index) => {
      const width = widths[index] as number;
      return padEnd((index === 0 ? truncateMiddle : truncate)(cell, width, ellipsis), width);
    });
    return cells.join(GAP).trimEnd();
  });
  return ['', ...lines.map((line, index) => INDENT + (index === 0 ? paint('dim', line) : line))];
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, index) => Math.max(...rows.map((row) => widthOf(row[index] ?? ''))));
}

const widthOfTable = (widths: readonly number[]) =>
  widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
