/**
 * Reads the lines of ../../run-report/protocol.ts. The application can write in their files, too, and another version of this
 * package in it may write other lines: only what is as the types say gets past here.
 */
import type { ReportLine, SignalLine } from '../../run-report/protocol';
import type { RunOutcome, TargetStatus } from '../../types';

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

const OUTCOMES: Readonly<Record<RunOutcome, true>> = {
  completed: true,
  failed: true,
  returned: true,
  aborted: true,
  abandoned: true,
  interrupted: true,
};
const STATUSES: Readonly<Record<TargetStatus, true>> = {
  patched: true,
  'not-loaded': true,
  'loaded-before': true,
  'no-export-matched': true,
  'no-definition-matched': true,
  'not-patchable': true,
};

const isModuleReport = objectWith({
  file: isText,
  version: optional(isText),
  exports: listOf(objectWith({ path: isText, method: isText })),
  definitions: optional(listOf(objectWith({ path: isText, line: isNumber, column: isNumber, isTraced: isBoolean }))),
  unread: listOf(isText),
});

const SOURCE = { pid: isNumber, thread: isNumber };
const LINES: Readonly<Record<ReportLine['type'], Check>> = {
  begin: objectWith({ ...SOURCE, entry: optional(isText) }),
  start: objectWith({
    ...SOURCE,
    time: isNumber,
    run: isText,
    trace: isText,
    parent: optional(isText),
    name: isText,
    module: optional(isText),
    version: optional(isText),
    export: isText,
  }),
  end: objectWith({
    ...SOURCE,
    run: isText,
    outcome: oneOf(...Object.keys(OUTCOMES)),
    items: isNumber,
    duration: isNumber,
    firstItem: optional(isNumber),
    producer: optional(isNumber),
    consumer: optional(isNumber),
    error: optional(objectWith({ type: isText, message: isText })),
    atOnce: optional(isBoolean),
  }),
  undelivered: objectWith({
    ...SOURCE,
    signals: listOf(oneOf('traces', 'metrics', 'logs')),
    isAll: isBoolean,
    reason: optional(isText),
  }),
  targets: objectWith({
    ...SOURCE,
    targets: listOf(
      objectWith({
        target: isText,
        preset: optional(isText),
        status: oneOf(...Object.keys(STATUSES)),
        modules: listOf(isModuleReport),
        message: optional(isText),
      }),
    ),
  }),
};

const isSignalLine = objectWith({ pid: isNumber, time: isNumber, signal: optional(isText) });

/** @returns undefined for a line that is none of the protocol */
export function parseReportLine(text: string): ReportLine | undefined {
  const line = parse(text) as ReportLine | null | undefined;
  const type: unknown = line?.type;
  return typeof type === 'string' && Object.hasOwn(LINES, type) && LINES[type as ReportLine['type']](line)
    ? (line as ReportLine)
    : undefined;
}

/** @returns undefined for a line that is none of the protocol */
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
