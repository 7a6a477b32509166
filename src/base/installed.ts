/**
 * What is installed, and how to install what is not.
 */
import { createRequire } from 'node:module';
import path = require('node:path');

/** How to install OpenTelemetry's SDK, for the running version of Node. */
export const INSTALL_COMMAND =
  Number(process.versions.node.split('.')[0]) < 22
    ? 'npm install @opentelemetry/api@1.9 @opentelemetry/sdk-node@0.223'
    : 'npm install @opentelemetry/api @opentelemetry/sdk-node';

/** The file that a `require` of the name loads in the first of the folders where it is installed. */
export function resolveFrom(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      return createRequire(path.join(folder, 'noop.js')).resolve(name);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
