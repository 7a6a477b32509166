/**
 * Reads what the application's processes and threads write (see ../../run-report), as they write it.
 */
import * as fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { BeginLine, EndLine, ReportLine, StartLine } from '../../run-report/protocol';
import type { ObservedRun, Thread } from './model';
import { parseReportLine } from './parse-line';

const CHUNK = 1 << 16;
/** No line of ours is so long: that of the targets of ten thousand files has some megabytes. */
const LONGEST_LINE = 1 << 26;

/** Collects runs and threads from the lines of a report. */
export class ReportReader {
  readonly threads: Thread[] = [];
  /** In the order in which they were written. */
  readonly runs: ObservedRun[] = [];
  private readonly threadsByKey = new Map<string, Thread>();
  private readonly runsByKey = new Map<string, ObservedRun>();
  private readonly decoder = new StringDecoder();
  private rest = '';
  /** Of a line that is too long, the rest is passed over. */
  private isTooLong = false;
  private offset = 0;

  constructor(private readonly onEnd: (run: ObservedRun) => void = () => {}) {}

  /** Reads what has been added to the file since the last call. A file that is not there yet, or cannot be read, is an empty one. */
  readFrom(file: string): void {
    let descriptor;
    try {
      descriptor = fs.openSync(file, 'r');
      const buffer = Buffer.allocUnsafe(CHUNK);
      for (;;) {
        const length = fs.readSync(descriptor, buffer, 0, CHUNK, this.offset);
        if (length === 0) return;
        this.offset += length;
        this.push(this.decoder.write(buffer.subarray(0, length)));
      }
    } catch {
      // The application may have put something else in its place.
    } finally {
      if (descriptor !== undefined) fs.closeSync(descriptor);
    }
  }

  /** Takes a piece of the report. The last line may be incomplete: a process may be killed while it writes. */
  push(text: string): void {
    const lines = text.split('\n');
    const last = lines.pop() as string;
    for (const line of lines) {
      const parsed = this.isTooLong ? undefined : parseReportLine(this.rest + line);
      this.rest = '';
      this.isTooLong = false;
      if (parsed !== undefined) this.take(parsed);
    }
    if (this.rest.length + last.length > LONGEST_LINE) this.isTooLong = true;
    this.rest = this.isTooLong ? '' : this.rest + last;
  }

  private take(line: ReportLine): void {
    switch (line.type) {
      case 'begin':
        this.threadOf(line, line.entry);
        break;
      case 'start':
        this.start(line);
        break;
      case 'end':
        this.end(line);
        break;
      case 'undelivered':
        this.threadOf(line).undelivered = line;
        break;
      case 'targets':
        this.threadOf(line).targets = line.targets;
        break;
    }
  }

  private start(line: StartLine): void {
    const run: ObservedRun = {
      thread: this.threadOf(line),
      spanId: line.run,
      traceId: line.trace,
      parent: line.parent === undefined ? undefined : this.runsByKey.get(keyOfRun(line, line.parent)),
      name: line.name,
      module: line.module,
      version: line.version,
      exportPath: line.export,
      start: line.time,
      end: undefined,
    };
    this.runsByKey.set(keyOfRun(line, line.run), run);
    this.runs.push(run);
  }

  private end(line: EndLine): void {
    const run = this.runsByKey.get(keyOfRun(line, line.run));
    if (run === undefined || run.end !== undefined) return;
    const { outcome, items, error, atOnce } = line;
    run.end = {
      outcome,
      items,
      duration: line.duration * 1000,
      firstItem: milliseconds(line.firstItem),
      producer: milliseconds(line.producer),
      consumer: milliseconds(line.consumer),
      error,
      atOnce,
    };
    this.onEnd(run);
  }

  private threadOf({ pid, thread }: Pick<BeginLine, 'pid' | 'thread'>, entry?: string): Thread {
    const key = `${pid}:${thread}`;
    let known = this.threadsByKey.get(key);
    if (known === undefined) {
      known = { pid, thread, entry, targets: undefined, undelivered: undefined };
      this.threadsByKey.set(key, known);
      this.threads.push(known);
    }
    return known;
  }
}

const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

const keyOfRun = ({ pid, thread }: Pick<BeginLine, 'pid' | 'thread'>, run: string) => `${pid}:${thread}:${run}`;
