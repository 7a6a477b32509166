/**
 * A table of text that fits a width.
 */
import { padEnd, truncate, truncateMiddle, widthOf } from '../text';

const GAP = '  ';
/** A column that shows less than this says nothing. */
const NARROWEST = 12;

/**
 * Lays out rows, the first of which is the head. Where they do not fit, the second column gives way, then the widest, and the names
 * in the first last, which are cut in the middle: what is cut off there cannot be guessed.
 *
 * @param columns width that all lines keep within
 */
export function layOut(rows: readonly (readonly string[])[], columns: number, ellipsis = '…'): string[] {
  const widths = widthsOf(rows);
  const room = columns - GAP.length * (widths.length - 1);
  while (sum(widths) > room) {
    const [, second = 0, ...others] = widths;
    const widest = Math.max(second, ...others);
    const index = second > NARROWEST ? 1 : widest > NARROWEST ? widths.lastIndexOf(widest) : 0;
    const width = widths[index] as number;
    if (width <= NARROWEST) break;
    widths[index] = width - 1;
  }
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] as number;
        return padEnd((index === 0 ? truncateMiddle : truncate)(cell, width, ellipsis), width);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** The width that rows need to show in full. */
export function widthOfTable(rows: readonly (readonly string[])[]): number {
  const widths = widthsOf(rows);
  return sum(widths) + GAP.length * (widths.length - 1);
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => widthOf(row[index] ?? ''))));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
