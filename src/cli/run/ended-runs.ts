/**
 * The lines of `--watch-spans`: what each run came to, when it has.
 */
import { count, formatTime, padStart, wrap, type Terminal } from '../terminal';
import { errorLines } from './error-lines';
import { add, glyphsFor } from './layout';
import { errorOf, nameOf, OUTCOME_STYLES, type ObservedRun } from './model';

/** As wide as times are, up to the minute. */
const TIME_COLUMNS = 10;
/** What follows the first line of a run is below its name. */
const INDENT = ' '.repeat(TIME_COLUMNS + 2);
/** Where there is no room for more, the line is longer than the terminal is wide. */
const LEAST_COLUMNS = 30;

/** Writes of each run when it has ended, in the order in which they end. */
export class EndedRuns {
  /** An error that passes through nested runs is written where it came from. */
  private readonly errorsOfChildren = new Map<ObservedRun, string[]>();

  /**
   * @param startedAt when the application did, in milliseconds since the Unix epoch
   * @returns its lines; nothing for a run that is open
   * @example
   * +396.6 ms  readOrders failed, 3 items in 84.6 ms, first after 16.9 ms
   *            RangeError: order 4 has no total
   */
  render(run: ObservedRun, startedAt: number, terminal: Terminal): string {
    const { end } = run;
    if (end === undefined) return '';
    const { paint } = terminal;
    const columns = Math.max(terminal.columns - INDENT.length, LEAST_COLUMNS);
    const style = OUTCOME_STYLES[end.outcome];
    const at = padStart(`+${formatTime(run.start + end.duration - startedAt)}`, TIME_COLUMNS);
    const first = end.firstItem === undefined ? '' : `, first after ${formatTime(end.firstItem)}`;
    const how = `${paint(style, end.outcome)}, ${count(end.items, 'item')} in ${formatTime(end.duration)}${first}`;
    const [line = '', ...more] = [
      ...wrap(`${nameOf(run)} ${how}`, columns),
      ...this.newErrorLines(run, columns, glyphsFor(terminal).ellipsis).map((each) => paint(style, each)),
    ];
    return [`${paint('dim', at)}  ${line}`, ...more.map((each) => INDENT + each)].map((each) => `${each}\n`).join('');
  }

  private newErrorLines(run: ObservedRun, columns: number, ellipsis: string): string[] {
    const error = errorOf(run);
    if (error === undefined) return [];
    if (run.parent !== undefined) add(this.errorsOfChildren, run.parent, error);
    const isNews = this.errorsOfChildren.get(run)?.includes(error) !== true;
    this.errorsOfChildren.delete(run);
    return isNews ? errorLines(run, columns, ellipsis) : [];
  }
}
