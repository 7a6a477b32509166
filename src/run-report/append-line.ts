import { closeSync, openSync, writeSync } from 'node:fs';

// Taken at load, before any instrumentation of `fs`.
const files = { openSync, writeSync, closeSync };

/**
 * Writes a line to the end of a file that processes and threads share. One system call does it, so lines of several writers
 * do not mix. The file is not kept open: an application that closes all descriptors would get ours for one of its own files. One
 * that may not write, or outlives the command, goes on without.
 */
export function appendLine(file: string, line: string): void {
  try {
    const descriptor = files.openSync(file, 'a');
    try {
      files.writeSync(descriptor, `${line}\n`);
    } finally {
      files.closeSync(descriptor);
    }
  } catch {
    // The command says so if it finds no line at all.
  }
}
