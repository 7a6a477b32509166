import type { Terminal } from '../terminal';
import { count, formatTime, padStart, truncate, widthOf } from '../text';
import { glyphsFor } from './glyphs';
import { OUTCOME_STYLES } from './layout';
import type { ObservedRun } from './model';
import { errorOf, nameOf } from './names';

/** As wide as times are, up to the minute. */
const TIME_COLUMNS = 10;
/** Where there is no room for more, the line is longer than the terminal is wide. */
const LEAST_ERROR_COLUMNS = 30;

/**
 * A line about a run that has ended: when, which, how.
 *
 * @param startedAt when the application did, in milliseconds since the Unix epoch
 * @example
 * +396.6 ms  readOrders completed, 6 items in 84.6 ms, first after 16.9 ms
 */
export function renderEndedRun(run: ObservedRun, startedAt: number, terminal: Terminal): string {
  const { end } = run;
  if (end === undefined) return '';
  const { paint, hasUnicode, columns } = terminal;
  const { ellipsis } = glyphsFor(hasUnicode);
  const at = padStart(`+${formatTime(run.start + end.duration - startedAt)}`, TIME_COLUMNS);
  const first = end.firstItem === undefined ? '' : `, first after ${formatTime(end.firstItem)}`;
  const name = nameOf(run);
  const how = `, ${count(end.items, 'item')} in ${formatTime(end.duration)}${first}`;
  const room = columns - widthOf(`${at}  ${name} ${end.outcome}${how}`);
  const error = errorOf(run);
  // Nothing but the error: half a name could be another, and half a number is one.
  const why = error === undefined ? '' : truncate(`: ${error}`, Math.max(room, LEAST_ERROR_COLUMNS), ellipsis);
  return `${paint('dim', at)}  ${name} ${paint(OUTCOME_STYLES[end.outcome], end.outcome)}${how}${why}`;
}
