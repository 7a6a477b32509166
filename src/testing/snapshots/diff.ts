/**
 * The lines in which two trees differ, with the spans above them and a few lines around: not the whole file.
 */
import { diffArrays } from 'diff/lib/diff/array.js';

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

const CONTEXT = 2;
/** With more differences than that, which take long to find, everything is taken as different. */
const MAX_DIFFERENCES = 2000;

const GREEN = 32;
const RED = 31;
const DIMMED = 2;

/** @returns text with `- ` before lines of the snapshot only, `+ ` before new ones, and `…` where equal lines are left out */
export function diffTrees(snapshot: string, received: string, hasColors = false): string {
  const paint = (code: number, line: string) => (hasColors ? `\u001b[${code}m${line}\u001b[0m` : line);
  const lines = diffLines(snapshot.split('\n'), received.split('\n'));
  const shown = linesToShow(lines);
  const text = [paint(GREEN, '- snapshot'), paint(RED, '+ received'), ''];
  let last = -1;
  lines.forEach(({ sign, text: line }, index) => {
    if (!shown.has(index)) return;
    if (index > last + 1) text.push(paint(DIMMED, '  …'));
    last = index;
    text.push(paint(sign === '-' ? GREEN : sign === '+' ? RED : DIMMED, `${sign} ${line}`));
  });
  if (last < lines.length - 1) text.push(paint(DIMMED, '  …'));
  return text.join('\n');
}

function diffLines(snapshot: string[], received: string[]): Line[] {
  const changes = diffArrays(snapshot, received, { maxEditLength: MAX_DIFFERENCES }) ?? [
    { removed: true, added: false, value: snapshot },
    { removed: false, added: true, value: received },
  ];
  return changes.flatMap(({ removed, added, value }) =>
    value.map((text): Line => ({ sign: removed ? '-' : added ? '+' : ' ', text })),
  );
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
  // A single line takes no more room than the sign that it is left out.
  for (let index = 0; index < lines.length; index++) {
    const isBetween = (index === 0 || shown.has(index - 1)) && (index === lines.length - 1 || shown.has(index + 1));
    if (isBetween && shown.size > 0) shown.add(index);
  }
  return shown;
}

/** Whether to write colors: on a terminal, unless NO_COLOR is set; anywhere with FORCE_COLOR. */
export function hasColors(env: NodeJS.ProcessEnv = process.env, stream: { isTTY?: boolean } = process.stdout): boolean {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  const isOff = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.TERM === 'dumb';
  return stream.isTTY === true && !isOff;
}
