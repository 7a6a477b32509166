/**
 * Reads options off the command line. The grammar is that of `parseArgs` in `node:util`; its messages are not.
 */
import { distance } from 'fastest-levenshtein';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearest } from '../base/nearest';
import { UsageError } from './usage-error';

/** An option, for the parser and for the help. */
export interface OptionSpec {
  readonly short?: string;
  /** What its value is called in the help. Without one it is a switch. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly multiple?: boolean;
  readonly description: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<Spec> = Spec extends { value: string }
  ? Spec extends { multiple: true }
    ? readonly string[]
    : string | undefined
  : boolean;

/** What was given for each option: false, undefined or an empty array where nothing was. */
export type OptionValues<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

export interface ParsedArguments<Specs extends OptionSpecs> {
  readonly options: OptionValues<Specs>;
  readonly operands: readonly string[];
}

export interface ParseOptions {
  /** The command, for messages. */
  readonly command?: string;
  /** Options end at the first operand: what follows belongs to somebody else. */
  readonly stopAtOperand: boolean;
  /** What to say of an option that is like none. */
  readonly aboutOthers?: string;
}

/**
 * @throws UsageError for an option that does not exist, lacks its value, or has one that it does not take
 */
export function parseArguments<const Specs extends OptionSpecs>(
  args: readonly string[],
  specs: Specs,
  { command, stopAtOperand, aboutOthers }: ParseOptions,
): ParsedArguments<Specs> {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { short, value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: true, ...(short !== undefined && { short }) },
    ]),
  ) as NonNullable<ParseArgsConfig['options']>;
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });

  const given = new Map<string, (string | true)[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (stopAtOperand) return { options: valuesOf(specs, given), operands: args.slice(token.index) };
      operands.push(token.value);
    } else if (token.kind === 'option') {
      const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
      if (spec === undefined) throw unknownOption(token.rawName, specs, { command, aboutOthers });
      const value = check(token, spec, command);
      given.set(token.name, [...(given.get(token.name) ?? []), value]);
    } else if (stopAtOperand) {
      return { options: valuesOf(specs, given), operands: args.slice(token.index + 1) };
    }
  }
  return { options: valuesOf(specs, given), operands };
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function check({ rawName, value, inlineValue }: OptionToken, spec: OptionSpec, command?: string): string | true {
  if (spec.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, but got "${value}"`, command);
    return true;
  }
  const example = rawName.startsWith('--') ? `${rawName}=${spec.value}` : `${rawName} ${spec.value}`;
  if (value === undefined || value === '') throw new UsageError(`${rawName} needs a value: ${example}`, command);
  // Rather a value that was forgotten than one that begins like an option.
  if (value.startsWith('-') && inlineValue !== true) {
    throw new UsageError(
      `${rawName} needs a value, but "${value}" follows. If that is the value: ${rawName}${rawName.startsWith('--') ? '=' : ''}${value}`,
      command,
    );
  }
  return value;
}

function unknownOption(
  rawName: string,
  specs: OptionSpecs,
  { command, aboutOthers = '' }: Omit<ParseOptions, 'stopAtOperand'>,
): UsageError {
  const names = Object.entries(specs).flatMap(([name, { short }]) => [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  const hint = didYouMean(rawName, names) || (aboutOthers && `; ${aboutOthers}`);
  return new UsageError(`there is no option ${rawName}${hint}`, command);
}

/** `; did you mean this?`, or nothing where no candidate is much like the word. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const like = mostLike(word, candidates);
  return like === undefined ? '' : `; did you mean ${like}?`;
}

/** The candidate that the word was probably meant to be. */
export function mostLike(word: string, candidates: readonly string[]): string | undefined {
  const length = word.replace(/^-+/, '').length;
  const [like] = nearest(word, candidates, 1);
  // Short words are like everything.
  if (like === undefined || length < 2) return undefined;
  return like.includes(word) || distance(word, like) <= Math.max(2, Math.floor(length / 3)) ? like : undefined;
}

function valuesOf<Specs extends OptionSpecs>(specs: Specs, given: ReadonlyMap<string, readonly (string | true)[]>) {
  const values = Object.entries(specs).map(([name, { value, multiple }]) => {
    const all = given.get(name) ?? [];
    if (value === undefined) return [name, all.length > 0];
    return [name, multiple === true ? all : all.at(-1)];
  });
  return Object.fromEntries(values) as OptionValues<Specs>;
}
