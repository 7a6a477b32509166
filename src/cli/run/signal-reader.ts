/**
 * Reads what the application's processes write about signals.
 */
import { readFileSync } from 'node:fs';
import { signalFileOf, type SignalLine } from '../../run-report/protocol';
import { parseSignalLine } from './parse-line';

/** What has been reported so far, by all processes of the application. */
export function readSignals(reportFile: string): SignalLine[] {
  try {
    const lines = readFileSync(signalFileOf(reportFile), 'utf8').split('\n');
    // What stands behind the last end of a line is nothing, or not complete yet.
    return lines.slice(0, -1).flatMap((line) => parseSignalLine(line) ?? []);
  } catch {
    return [];
  }
}
