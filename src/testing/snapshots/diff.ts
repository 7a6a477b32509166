/**
 * The lines in which two trees differ, with the spans above them and a few lines around: not the whole file.
 */

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

export interface DiffColors {
  /** A line of the snapshot that is gone. */
  readonly removed: (text: string) => string;
  /** A line that is not in the snapshot. */
  readonly added: (text: string) => string;
  readonly dimmed: (text: string) => string;
}

export const PLAIN: DiffColors = { removed: identity, added: identity, dimmed: identity };
export const COLORED: DiffColors = { removed: color(32), added: color(31), dimmed: color(2) };

const CONTEXT = 2;
/** Beyond that many comparisons all lines between the first difference and the last are taken as different. */
const MAX_COMPARISONS = 4_000_000;

/** @returns text with `- ` before lines of the snapshot only, `+ ` before new ones, and `…` where equal lines are left out */
export function diffTrees(snapshot: string, received: string, colors: DiffColors = PLAIN): string {
  const lines = diffLines(snapshot.split('\n'), received.split('\n'));
  const shown = linesToShow(lines);
  const text = [colors.removed('- snapshot'), colors.added('+ received'), ''];
  let last = -1;
  lines.forEach(({ sign, text: line }, index) => {
    if (!shown.has(index)) return;
    if (index > last + 1) text.push(colors.dimmed('  …'));
    last = index;
    const whole = `${sign} ${line}`;
    text.push(sign === '-' ? colors.removed(whole) : sign === '+' ? colors.added(whole) : colors.dimmed(whole));
  });
  if (last < lines.length - 1) text.push(colors.dimmed('  …'));
  return text.join('\n');
}

function linesToShow(lines: readonly Line[]): Set<number> {
  const shown = new Set<number>();
  /** The lines above, each less indented than the next. */
  const above: { index: number; indent: number }[] = [];
  lines.forEach(({ sign, text }, index) => {
    const indent = text.search(/\S/);
    if (indent < 0) above.length = 0;
    while (above.length > 0 && (above[above.length - 1] as { indent: number }).indent >= indent) above.pop();
    if (sign !== ' ') {
      for (const line of above) shown.add(line.index);
      for (let near = index - CONTEXT; near <= index + CONTEXT; near++) {
        if (near >= 0 && near < lines.length) shown.add(near);
      }
    }
    above.push({ index, indent });
  });
  // In the place of a single line there is room for the line itself.
  for (let index = 0; index < lines.length; index++) {
    const isBetween = (index === 0 || shown.has(index - 1)) && (index === lines.length - 1 || shown.has(index + 1));
    if (isBetween && shown.size > 0) shown.add(index);
  }
  return shown;
}

function diffLines(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (text: string): Line => ({ sign: ' ', text });
  return [
    ...a.slice(0, start).map(same),
    ...diffMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** By the longest common subsequence. */
function diffMiddle(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1;
  const known = a.length * b.length <= MAX_COMPARISONS;
  // How many lines are common from there on.
  const common = new Uint32Array(known ? (a.length + 1) * width : 0);
  const at = (i: number, j: number) => (known ? (common[i * width + j] as number) : 0);
  if (known) {
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (known && i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] as string });
      i++;
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: a[i++] as string });
    } else {
      lines.push({ sign: '+', text: b[j++] as string });
    }
  }
  return lines;
}

function identity(text: string): string {
  return text;
}

function color(code: number): (text: string) => string {
  return (text) => `\u001b[${code}m${text}\u001b[0m`;
}

/** Whether to write colours: on a terminal, unless NO_COLOR is set; anywhere with FORCE_COLOR. */
export function terminalColors(
  env: NodeJS.ProcessEnv = process.env,
  stream: { isTTY?: boolean } = process.stdout,
): DiffColors {
  if (env.FORCE_COLOR !== undefined) return ['0', 'false'].includes(env.FORCE_COLOR) ? PLAIN : COLORED;
  const isOff = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.TERM === 'dumb';
  return stream.isTTY === true && !isOff ? COLORED : PLAIN;
}
