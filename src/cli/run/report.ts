/**
 * Reads what the application's processes and threads write, as they write it: the lines of ../../run-report/protocol.ts. The application can write
 * in the file, too, and another version of this package in it may write other lines: only what the types allow gets past `parseReportLine`.
 */
import * as fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { BeginLine, EndLine, ReportLine, SignalLine, Source, StartLine } from '../../run-report/protocol';
import { OUTCOME_STYLES, STATUS_RANKS, type ObservedRun, type ObservedSpan, type Thread } from './model';

const CHUNK = 1 << 16;
/** Longer than any that this package writes: the one with the targets of ten thousand files has some megabytes. */
const LONGEST_LINE = 1 << 26;

/** Collects runs and threads from the lines of a report. */
export class ReportReader {
  readonly threads: Thread[] = [];
  /** In the order in which they were written. */
  readonly runs: ObservedRun[] = [];
  /** Of other instrumentations, in the order in which they ended. */
  readonly spans: ObservedSpan[] = [];
  private readonly threadsByKey = new Map<string, Thread>();
  private readonly runsByKey = new Map<string, ObservedRun>();
  private readonly decoder = new StringDecoder();
  private rest = '';
  /** The rest of a line that is too long is skipped. */
  private isTooLong = false;
  private offset = 0;

  /**
   * Reads what was added to the file since the last call. A file that is missing or cannot be read counts as empty.
   *
   * @returns the runs that have ended
   */
  read(file: string): ObservedRun[] {
    const ended: ObservedRun[] = [];
    let descriptor;
    try {
      descriptor = fs.openSync(file, 'r');
      const buffer = Buffer.allocUnsafe(CHUNK);
      for (;;) {
        const length = fs.readSync(descriptor, buffer, 0, CHUNK, this.offset);
        if (length === 0) return ended;
        this.offset += length;
        ended.push(...this.push(this.decoder.write(buffer.subarray(0, length))));
      }
    } catch {
      // Not there yet, or replaced by the application.
      return ended;
    } finally {
      if (descriptor !== undefined) fs.closeSync(descriptor);
    }
  }

  /**
   * Takes a piece of the report. The last line may be incomplete: a process may be killed while it writes.
   *
   * @returns the runs that have ended
   */
  push(text: string): ObservedRun[] {
    const lines = text.split('\n');
    const last = lines.pop() as string;
    const ended = lines.flatMap((line) => {
      const parsed = this.isTooLong ? undefined : parseReportLine(this.rest + line);
      this.rest = '';
      this.isTooLong = false;
      return (parsed && this.take(parsed)) ?? [];
    });
    if (this.rest.length + last.length > LONGEST_LINE) this.isTooLong = true;
    this.rest = this.isTooLong ? '' : this.rest + last;
    return ended;
  }

  /** @returns the run, if the line is the end of one */
  private take(line: ReportLine): ObservedRun | undefined {
    if (line.type === 'end') return this.end(line);
    const thread = this.threadOf(line, line.type === 'begin' ? line : undefined);
    if (line.type === 'ready') thread.readyAt = line.time;
    else if (line.type === 'start') this.start(line, thread);
    else if (line.type === 'span') {
      const { span: spanId, trace: traceId, parent: parentId, time: start, name, duration, outcome, isError } = line;
      this.spans.push({ thread, spanId, traceId, parentId, name, start, duration, outcome, isError });
    } else if (line.type === 'undelivered') thread.undelivered = line;
    else if (line.type === 'targets') Object.assign(thread, { endedAt: line.time, targets: line.targets });
    return undefined;
  }

  private start(line: StartLine, thread: Thread): void {
    const { run: spanId, trace: traceId, parent: parentId, under, name, module, version, time: start } = line;
    const parent = parentId === undefined ? undefined : this.runsByKey.get(keyOfRun(line, parentId));
    const about = { name, module, version, exportPath: line.export };
    const run: ObservedRun = { thread, spanId, traceId, parent, under, ...about, start, end: undefined };
    this.runsByKey.set(keyOfRun(line, spanId), run);
    this.runs.push(run);
  }

  private end(line: EndLine): ObservedRun | undefined {
    const run = this.runsByKey.get(keyOfRun(line, line.run));
    if (run === undefined || run.end !== undefined) return undefined;
    run.end = {
      ...line,
      duration: line.duration * 1000,
      firstItem: milliseconds(line.firstItem),
      producer: milliseconds(line.producer),
      consumer: milliseconds(line.consumer),
    };
    if (line.time !== undefined) run.start = Math.min(run.start, line.time - run.end.duration);
    return run;
  }

  private threadOf({ pid, thread }: Source, { entry, nodeArguments = [] }: Partial<BeginLine> = {}): Thread {
    const key = `${pid}:${thread}`;
    const known = this.threadsByKey.get(key);
    if (known !== undefined) return known;
    const notYet = { readyAt: undefined, endedAt: undefined, targets: undefined, undelivered: undefined };
    const created: Thread = { pid, thread, entry, nodeArguments, ...notYet };
    this.threadsByKey.set(key, created);
    this.threads.push(created);
    return created;
  }
}

const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

const keyOfRun = ({ pid, thread }: Source, run: string) => `${pid}:${thread}:${run}`;

/** More than this of a name or a message is data. */
const LONGEST_TEXT = 10_000;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isBoolean: Check = (value) => typeof value === 'boolean';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value) =>
    allowed.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const objectWith =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(checks).every(([key, check]) => check((value as Record<string, unknown>)[key]));

const isModuleReport = objectWith({
  file: isText,
  version: optional(isText),
  exports: listOf(objectWith({ path: isText, method: isText })),
  definitions: optional(listOf(objectWith({ path: isText, line: isNumber, column: isNumber, isTraced: isBoolean }))),
  unread: listOf(isText),
});

const SOURCE = { pid: isNumber, thread: isNumber };
const LINES: Readonly<Record<ReportLine['type'], Check>> = {
  begin: objectWith({ ...SOURCE, entry: optional(isText), nodeArguments: optional(listOf(isText)) }),
  ready: objectWith({ ...SOURCE, time: isNumber }),
  start: objectWith({
    ...SOURCE,
    time: isNumber,
    run: isText,
    trace: isText,
    parent: optional(isText),
    under: optional(isText),
    name: isText,
    module: optional(isText),
    version: optional(isText),
    export: isText,
  }),
  end: objectWith({
    ...SOURCE,
    run: isText,
    time: optional(isNumber),
    outcome: oneOf(...Object.keys(OUTCOME_STYLES).filter((outcome) => outcome !== 'open')),
    items: isNumber,
    duration: isNumber,
    firstItem: optional(isNumber),
    producer: optional(isNumber),
    consumer: optional(isNumber),
    error: optional(objectWith({ type: isText, message: isText })),
    atOnce: optional(isBoolean),
  }),
  span: objectWith({
    ...SOURCE,
    time: isNumber,
    duration: isNumber,
    span: isText,
    trace: isText,
    parent: optional(isText),
    name: isText,
    outcome: isText,
    isError: isBoolean,
  }),
  undelivered: objectWith({
    ...SOURCE,
    signals: listOf(oneOf('traces', 'metrics', 'logs')),
    isAll: isBoolean,
    reason: optional(isText),
  }),
  targets: objectWith({
    ...SOURCE,
    time: optional(isNumber),
    targets: listOf(
      objectWith({
        target: isText,
        preset: optional(isText),
        status: oneOf(...Object.keys(STATUS_RANKS)),
        modules: listOf(isModuleReport),
        message: optional(isText),
      }),
    ),
  }),
};

const isSignalLine = objectWith({ pid: isNumber, time: isNumber, signal: optional(isText) });

/** @returns undefined for a line that the protocol does not have */
function parseReportLine(text: string): ReportLine | undefined {
  const line = parse(text) as ReportLine | null | undefined;
  const type: unknown = line?.type;
  return typeof type === 'string' && Object.hasOwn(LINES, type) && LINES[type as ReportLine['type']](line)
    ? (line as ReportLine)
    : undefined;
}

/** @returns undefined for a line that the protocol does not have */
export function parseSignalLine(text: string): SignalLine | undefined {
  const line = parse(text);
  return isSignalLine(line) ? (line as SignalLine) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' && value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT) : value,
    );
  } catch {
    return undefined;
  }
}
