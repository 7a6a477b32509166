import { count, widthOf, wrapAll } from '../terminal';
import { errorLinesOf, type ObservedRun } from './model';

/** More lines than these are a document, such as the page that a server answers with. */
const MOST_LINES = 20;

/** Indentation takes no more than half of a line. */
const MOST_INDENTATION = 0.5;

/** What a run failed with: all of it, in lines of so many columns, unless it is very long. */
export function errorLines(run: ObservedRun, columns: number, ellipsis: string): string[] {
  const lines = errorLinesOf(run).flatMap((line) => wrapIndented(line, columns));
  const left = lines.length - MOST_LINES;
  return left > 0 ? [...lines.slice(0, MOST_LINES), `${ellipsis} ${count(left, 'more line')}`] : lines;
}

/** An error may be a page, or point with a mark at what is above it. */
function wrapIndented(line: string, columns: number): string[] {
  const text = line.trimStart();
  const indentation = line.slice(0, Math.min(line.length - text.length, Math.floor(columns * MOST_INDENTATION)));
  return wrapAll(text, columns - widthOf(indentation)).map((each) => indentation + each);
}
