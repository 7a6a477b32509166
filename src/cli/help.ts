import type { OptionSpecs } from './arguments';
import { terminalOf } from './terminal';
import { padEnd, wrap } from './text';

export interface HelpPage {
  /** What it does, in a line or a few. */
  readonly description: readonly string[];
  readonly usage: readonly string[];
  readonly sections: readonly HelpSection[];
  /** A command line each, and what it is good for. */
  readonly examples: readonly (readonly [command: string, purpose: string])[];
  readonly notes?: readonly string[];
}

interface HelpSection {
  readonly title: string;
  /** A term each, and what it means. */
  readonly entries: readonly (readonly [term: string, meaning: string])[];
}

/** Every command has it. */
export const HELP_OPTION = { short: 'h', description: 'print this help' } as const;

/** As wide as help is read comfortably. */
const WIDEST = 100;
const INDENT = '  ';

export function printHelp(page: HelpPage, stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): void {
  stream.write(formatHelp(page, terminalOf(stream, env).columns));
}

export function formatHelp({ description, usage, sections, examples, notes = [] }: HelpPage, columns: number): string {
  const width = Math.min(columns, WIDEST);
  const blocks = [
    description.flatMap((line) => wrap(line, width)),
    ['Usage:', ...usage.map((line) => INDENT + line)],
    ...sections.map((section) => formatSection(section, width)),
    ['Examples:', ...examples.flatMap(([command, purpose]) => [`${INDENT}# ${purpose}`, INDENT + command])],
    ...notes.map((note) => wrap(note, width)),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

export function optionEntries(specs: OptionSpecs): (readonly [string, string])[] {
  return Object.entries(specs).map(([name, { short, value, description }]) => {
    const shortForm = short === undefined ? '    ' : `-${short}, `;
    return [`${shortForm}--${name}${value === undefined ? '' : ` ${value}`}`, description];
  });
}

function formatSection({ title, entries }: HelpSection, width: number): string[] {
  const termColumns = entries.reduce((most, [term]) => Math.max(most, term.length), 0);
  const indent = ' '.repeat(INDENT.length * 2 + termColumns);
  const lines = entries.flatMap(([term, meaning]) => {
    const [first = '', ...rest] = wrap(meaning, Math.max(width - indent.length, 20));
    return [`${INDENT}${padEnd(term, termColumns)}${INDENT}${first}`, ...rest.map((line) => indent + line)];
  });
  return [`${title}:`, ...lines];
}
