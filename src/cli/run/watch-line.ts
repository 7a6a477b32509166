import type { Terminal } from '../terminal';
import { count, formatTime, padStart, truncate, widthOf } from '../text';
import { glyphsFor } from './glyphs';
import { OUTCOME_STYLES } from './layout';
import type { ObservedRun } from './model';
import { errorOf, nameOf } from './names';

/** As wide as times are, up to the minute. */
const TIME_COLUMNS = 10;

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
  const error = errorOf(run);
  const rest = `, ${count(end.items, 'item')} in ${formatTime(end.duration)}${first}${error === undefined ? '' : `: ${error}`}`;
  const room = columns - widthOf(`${at}   ${end.outcome}`);
  const name = truncate(nameOf(run), Math.max(room, 1), ellipsis);
  const tail = truncate(rest, Math.max(room - widthOf(name), 0), ellipsis);
  return `${paint('dim', at)}  ${name} ${paint(OUTCOME_STYLES[end.outcome], end.outcome)}${tail}`;
}
