#!/usr/bin/env node
/** The command line: `otel-async-generator`, and under the name of the package. */
import { main } from './cli/program';

// The reader may have stopped: `... --help | head -1`. That is not an error.
function forgiving(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.listenerCount('error') === 0 ? stream.on('error', () => undefined) : stream;
}

main(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  // Made when they are used: making one turns a pipe non-blocking, for an application that shares it, too.
  get stdout() {
    return forgiving(process.stdout);
  },
  get stderr() {
    return forgiving(process.stderr);
  },
}).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    forgiving(process.stderr).write(`otel-async-generator: ${text}\n`);
    process.exitCode = 1;
  },
);
