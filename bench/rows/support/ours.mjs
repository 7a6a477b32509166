// This package, as its users have it: the build, patching the exports of a module that is then required.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @returns `{ program, instrumentation }` with the program's generators traced */
export function loadTraced({ file, load }, options = {}) {
  const { AsyncGeneratorInstrumentation } = require('../../../build/src/index.js');
  const instrumentation = new AsyncGeneratorInstrumentation({ targets: [{ module: file }], ...options });
  const program = load();
  const [{ status, message }] = instrumentation.getPatchReport();
  if (status !== 'patched') throw new Error(`${file} is ${status}: ${message}`);
  return { program, instrumentation };
}
