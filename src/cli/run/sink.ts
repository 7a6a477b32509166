import * as fs from 'node:fs';
import { escapeControls } from '../../base/foreign-text';
import { terminalOf, type Terminal } from '../terminal';
import type { CommandContext } from '../command';
import { UsageError } from '../usage-error';
import type { RunOptions } from './options';

/** Where the command writes: stderr, for stdout is the application's, or a file. */
export interface Sink {
  readonly terminal: Terminal;
  /** Fulfils when the text is on its way, so that the process may end. Never rejects: the application goes on, and its end is what counts. */
  write(text: string): Promise<void>;
}

/** @throws UsageError if the file cannot be written */
export function openSink(
  { output, noColour }: Pick<RunOptions, 'output' | 'noColour'>,
  context: Pick<CommandContext, 'stderr' | 'env'>,
): Sink {
  if (output === undefined) {
    return {
      // Not before it is needed: see ../../cli.ts. And a terminal may have another width by then.
      get terminal() {
        return terminalOf(context.stderr, context.env, noColour);
      },
      write: (text) =>
        new Promise((resolve) => {
          context.stderr.write(text, () => {
            resolve();
          });
        }),
    };
  }
  try {
    fs.writeFileSync(output, '');
  } catch (error) {
    throw new UsageError(`--output: ${(error as Error).message}`, 'run');
  }
  let hasFailed = false;
  return {
    terminal: terminalOf({}, context.env, noColour),
    write(text) {
      try {
        fs.appendFileSync(output, text);
      } catch (error) {
        if (!hasFailed)
          context.stderr.write(`otel-async-generator: --output: ${escapeControls((error as Error).message)}\n`);
        hasFailed = true;
      }
      return Promise.resolve();
    },
  };
}
