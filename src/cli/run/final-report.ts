/**
 * What is written when the application has ended.
 */
import { escapeControls, toPrintableJson } from '../../base/foreign-text';
import type { Terminal } from '../terminal';
import { count, formatTime, wrap } from '../text';
import { whatWasNotDelivered } from './delivery';
import { whatIsMissing, whatMayBeFactories, whyNothing, type Circumstances } from './diagnosis';
import { toJsonReport } from './json';
import type { ApplicationExit, ObservedRun, Thread } from './model';
import { renderTimeline, type TimelineOptions } from './timeline';

export interface Observation {
  readonly application: ApplicationExit & { readonly file: string; readonly args: readonly string[] };
  readonly runs: readonly ObservedRun[];
  readonly threads: readonly Thread[];
  readonly circumstances: Omit<Circumstances, 'threads'>;
  /** Where the user wants spans to be sent. */
  readonly otlp: URL | undefined;
}

/** One line. */
export function renderJson(observation: Observation): string {
  return `${toPrintableJson(toJsonReport({ ...observation, hints: [...hintsOf(observation), ...lossesOf(observation)] }))}\n`;
}

export function renderText(observation: Observation, options: TimelineOptions): string {
  const { runs, application } = observation;
  const { paint, columns } = options;
  const hints = hintsOf(observation).flatMap((hint) => bullet(hint, options));
  const losses = lossesOf(observation).flatMap((loss) => ['', ...wrap(escapeControls(loss), columns)]);
  const title = titleOf(observation);
  const lines =
    runs.length === 0
      ? ['', ...wrap(title, columns).map((line) => paint('bold', line)), '', ...hints]
      : [
          '',
          ...wrap(title, columns).map((line) => paint('bold', line)),
          '',
          ...renderTimeline(runs, application, options),
          ...(hints.length > 0 ? ['', paint('bold', 'Not all that you asked for was traced:'), '', ...hints] : []),
        ];
  return [...lines, ...losses].map((line) => `${line}\n`).join('');
}

function titleOf({ application, runs }: Observation): string {
  const { file, startedAt, endedAt } = application;
  const time = formatTime(endedAt - startedAt);
  const what =
    runs.length === 0
      ? 'no run of an async generator was seen'
      : count(runs.length, 'run of an async generator', 'runs of async generators');
  return `${escapeControls(file)} ran for ${time}: ${what}`;
}

function hintsOf({ runs, threads, circumstances }: Observation): string[] {
  const known = { ...circumstances, threads };
  return runs.length === 0 ? whyNothing(known) : [...whatIsMissing(known), ...whatMayBeFactories(runs)];
}

function lossesOf({ threads, otlp }: Observation): string[] {
  return whatWasNotDelivered(threads, otlp);
}

function bullet(text: string, { columns }: Terminal): string[] {
  return wrap(escapeControls(text), Math.max(columns - 2, 20)).map((line, index) =>
    index === 0 ? `- ${line}` : `  ${line}`,
  );
}
