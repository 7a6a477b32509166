#!/usr/bin/env node
/**
 * The command line: `otel-async-generator`, and under the name of the package.
 */
import { main } from './cli/main';

const { stdout, stderr } = process;

// Whoever reads what we write may have stopped: `... --help | head -1`. That is no error of ours.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

main(process.argv.slice(2), { env: process.env, cwd: process.cwd(), stdout, stderr }).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    stderr.write(`otel-async-generator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
