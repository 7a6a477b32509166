/**
 * As much of a shell's grammar as the commands in the documents need.
 */

export interface ShellCommand {
  /** `NAME=value`, before the command or as arguments of `export`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Without redirections. Empty where only variables are set. */
  readonly words: readonly string[];
}

/** A comment, what separates commands, a redirection, or a word. */
const TOKEN =
  /[ \t]*(?:#[^\n]*|(\n|;|&&|\|\||&|\|)|[<>]+[ \t]*\S+|((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;&|#<>]|(?<=\S)#)+))/y;

export function parseShell(text: string): ShellCommand[] {
  const commands: string[][] = [[]];
  const script = text.trim().replace(/[ \t]+$/gm, '');
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < script.length) {
    const rest = script.slice(TOKEN.lastIndex);
    const match = TOKEN.exec(script);
    if (match === null) throw new SyntaxError(`not read: ${rest}`);
    const [, separator, word] = match;
    if (separator !== undefined) commands.push([]);
    if (word !== undefined) commands.at(-1)?.push(unquote(word));
  }
  return commands.filter((words) => words.length > 0).map(commandOf);
}

const unquote = (word: string) => word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, '$1$2$3');

function commandOf(all: readonly string[]): ShellCommand {
  const isExport = all[0] === 'export';
  const rest = isExport ? all.slice(1) : all;
  const first = rest.findIndex((word) => !/^\w+=/.test(word));
  const [assignments, words] = first < 0 ? [rest, []] : [rest.slice(0, first), rest.slice(first)];
  if (isExport && words.length > 0) throw new SyntaxError(`export takes assignments: ${words.join(' ')}`);
  const pairs = assignments.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  return { variables: Object.fromEntries(pairs) as Record<string, string>, words };
}
