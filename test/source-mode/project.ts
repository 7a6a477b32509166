import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT } from '../support/child';

/**
 * A folder with this package, OpenTelemetry's and some of those of this repository installed. Whoever makes it removes it.
 *
 * @param files by path in the folder, which may go through folders that do not exist yet
 */
export function createProject(files: Readonly<Record<string, string>>, packages: readonly string[] = []): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'source-mode-')));
  const installed = path.join(folder, 'node_modules');
  fs.mkdirSync(installed);
  fs.symlinkSync(ROOT, path.join(installed, PACKAGE_NAME));
  for (const name of ['@opentelemetry', ...packages]) {
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(installed, name));
  }
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return folder;
}
