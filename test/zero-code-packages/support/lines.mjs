/**
 * OpenTelemetry's two lines, each in a project of its own and under the version of Node that it is for.
 */
import * as path from 'node:path';
import { nodeFolder } from '../../../scripts/nodes.mjs';

export const LINES = [
  { name: 'line-2', title: 'OpenTelemetry 2.x, Node 20', major: 20 },
  { name: 'line-3', title: 'OpenTelemetry 3.x, Node 24', major: 24 },
];

/** Where `run.mjs` has installed the project of a line. */
export function projectOf({ name }) {
  const folder = process.env.ZERO_CODE_PROJECTS;
  if (!folder) throw new Error('ZERO_CODE_PROJECTS is not set: start these tests with `npm run test:zero-code`');
  return path.join(folder, name);
}

/** The executable of a version of Node. */
export const nodeOf = (major) => path.join(nodeFolder(major), process.platform === 'win32' ? 'node.exe' : 'node');
