// Copies of the traced programs (program.cjs, probe-program.cjs), one for each row.
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

let folder;
let copies = 0;

/**
 * @param name path of a program, from this folder's parent
 * @returns `{ file, load() }`: a copy that nobody has loaded yet
 */
export function copyProgram(name = 'program.cjs') {
  const own = path.join(temporaryFolder(), String(++copies));
  mkdirSync(own);
  const file = path.join(own, path.basename(name));
  copyFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), file);
  return { file, load: () => require(file) };
}

/** A folder that goes with this process. */
export function temporaryFolder() {
  if (folder === undefined) {
    // The real path: targets match those.
    const created = mkdtempSync(path.join(realpathSync(tmpdir()), 'async-generator-bench-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    folder = created;
  }
  return folder;
}

/** The program with `wrap(fn)` in the place of each of its async-generator functions. */
export function wrapGenerators(program, wrap) {
  for (const [name, value] of Object.entries(program)) {
    // Into the same object: nested generators call each other through it.
    if (Object.prototype.toString.call(value) === '[object AsyncGeneratorFunction]') program[name] = wrap(value);
  }
  return program;
}
