import type { Paint } from '../terminal';
import type { Glyphs } from './glyphs';
import type { ObservedRun } from './model';

/** What all bars have in common: the stretch of time that they lie on, and its columns. */
export interface Axis {
  /** Milliseconds since the Unix epoch. */
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/**
 * Draws a run in its place on the axis: as long as it lasted, the first item where it came, and the rest of the time as
 * shares, the generator's first, then the consumer's: when each worked is not known. Exactly as wide as the axis.
 */
export function drawBar(run: ObservedRun, axis: Axis, glyphs: Glyphs, paint: Paint): string {
  const { start, length } = placeOf(run, axis);
  const cells = cellsOf(run, length, glyphs);
  const painted = groupsOf(cells).map((group) => paint(styleOf(group[0] as string, glyphs), group));
  return ' '.repeat(start) + painted.join('') + ' '.repeat(axis.columns - start - length);
}

function placeOf(run: ObservedRun, { from, to, columns }: Axis): { start: number; length: number } {
  const scale = to > from ? columns / (to - from) : 0;
  const end = run.end === undefined ? to : run.start + run.end.duration;
  const startColumn = clamp(Math.floor((run.start - from) * scale), 0, columns - 1);
  // Rounded, not up: of two runs one after the other, the first would seem to last into the second.
  const endColumn = clamp(Math.round((end - from) * scale), startColumn + 1, columns);
  return { start: startColumn, length: endColumn - startColumn };
}

function cellsOf({ end }: ObservedRun, length: number, glyphs: Glyphs): string[] {
  if (end === undefined) return [...Array<string>(length - 1).fill(glyphs.unknown), glyphs.open];
  const { producer, consumer, firstItem, duration } = end;
  const cells = Array<string>(length);
  if (producer === undefined || consumer === undefined) return cells.fill(glyphs.unknown);
  const total = producer + consumer;
  const producerCells = total > 0 ? Math.round((producer / total) * length) : length;
  cells.fill(glyphs.producer, 0, producerCells).fill(glyphs.consumer, producerCells);
  // A bar of one cell has room for one thing, and who worked says more.
  if (firstItem === undefined || length === 1) return cells;
  const mark = clamp(Math.floor((duration > 0 ? firstItem / duration : 0) * length), 0, length - 1);
  // Until there is an item, there is nothing for the consumer to do.
  cells.fill(glyphs.producer, 0, mark)[mark] = glyphs.firstItem;
  return cells;
}

/** Runs of the same cell, so that each is painted once. */
function groupsOf(cells: readonly string[]): string[] {
  const groups: string[] = [];
  for (const cell of cells) {
    const last = groups.at(-1);
    if (last?.startsWith(cell) === true) groups[groups.length - 1] = last + cell;
    else groups.push(cell);
  }
  return groups;
}

function styleOf(cell: string, glyphs: Glyphs) {
  if (cell === glyphs.firstItem) return 'bold';
  if (cell === glyphs.producer) return 'cyan';
  return cell === glyphs.consumer ? 'yellow' : 'dim';
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
