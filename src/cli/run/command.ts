/**
 * `run`: starts an application traced, and shows what its generators did.
 */
import * as path from 'node:path';
import { INSTALL_COMMAND } from '../../base/installed';
import { findSdk } from '../../register/sdk';
import type { Command } from '../command';
import { optionEntries, printHelp, type HelpPage } from '../help';
import { endBySignal } from './child';
import { observe } from './observe';
import { parseRunOptions, RUN_OPTIONS } from './options';

const EXIT_NO_SDK = 2;

const HELP: HelpPage = {
  description: [
    'Runs an application traced, without a change to it, and prints a timeline of its async generators at the end.',
  ],
  usage: ['otel-async-generator run [options] app.mjs [args...]'],
  sections: [{ title: 'Options, in front of the file', entries: optionEntries(RUN_OPTIONS) }],
  examples: [
    ['otel-async-generator run app.mjs --port 8080', "What follows the file is the application's"],
    ['otel-async-generator run -t "@aws-sdk/client-s3[paginate*]" app.mjs', 'One package'],
    ['otel-async-generator run --json --output runs.json app.mjs', 'For a program to read'],
    ['otel-async-generator run --otlp http://localhost:4318 app.mjs', 'To a collector as well'],
    ['otel-async-generator run --node-option=--import=tsx app.ts', 'TypeScript, where Node needs a loader for it'],
  ],
  notes: [
    'Without --targets, --presets, --config and their environment variables, the async generators of all files below the ' +
      'working directory are traced, and those that the presets know. With any of them, only what they say.',
    "The timeline goes to stderr; stdin, stdout, exit status and signals are the application's. Exit status 2, before it is " +
      'started: a mistake in the options, or no OpenTelemetry SDK installed.',
  ],
};

export const runCommand: Command = {
  name: 'run',
  summary: 'run an application traced, and print a timeline of its async generators',
  async run(args, context) {
    const options = parseRunOptions(args, context.cwd);
    if (options === undefined) {
      printHelp(HELP, context.stdout, context.env);
      return 0;
    }
    if (findSdk([path.dirname(options.file), context.cwd]) === undefined) {
      context.stderr.write(
        `otel-async-generator: no OpenTelemetry SDK is installed. Install it:\n\n  ${INSTALL_COMMAND}\n\n`,
      );
      return EXIT_NO_SDK;
    }
    const { code, signal } = await observe(options, context);
    return signal === null ? (code as number) : endBySignal(signal);
  },
};
