import { execFile } from 'node:child_process';
import * as path from 'node:path';

export interface ChildResult {
  status: number;
  stdout: string;
  stderr: string;
}

export const ROOT = path.resolve(__dirname, '../..');

/**
 * Runs a fixture in a Node process of its own, below test/fixtures unless the path is absolute. For ES modules: mocha's
 * own process cannot register import hooks for one test only. The package under test is the build.
 */
export function runNode(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<ChildResult> {
  const { NODE_OPTIONS: _nodeOptions, ...env } = process.env;
  const cwd = options.cwd ?? path.join(ROOT, 'test/fixtures');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd, env: { ...env, ...options.env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ status, stdout, stderr });
      },
    );
  });
}
