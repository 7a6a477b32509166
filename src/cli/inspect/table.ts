/**
 * Paragraphs and tables of the report, as wide as the terminal.
 */
import { escapeControls } from '../../base/foreign-text';
import { padEnd, truncate, truncateMiddle, widthOf, wrap, type Style, type Terminal } from '../terminal';

export const INDENT = '  ';

/** Text of any length, with a hanging indent. */
export function paragraph(indent: string, text: string, { columns, paint }: Terminal, style?: Style): string[] {
  return wrap(escapeControls(text), columns - indent.length - INDENT.length).map(
    (line, index) => indent + (index === 0 ? '' : INDENT) + (style === undefined ? line : paint(style, line)),
  );
}

const GAP = '  ';
/** A column that shows less than this says nothing. */
const NARROWEST = 12;

/**
 * A table below an empty line. The first row is the head; a row may lack its last cell. By hand, since the columns shrink in an order:
 * where they do not fit, the second gives way, then the widest, and last the names in the first.
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

export function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, index) => Math.max(...rows.map((row) => widthOf(row[index] ?? ''))));
}

export const widthOfTable = (widths: readonly number[]) =>
  widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
