// How much later an application begins. The variants are started alternately, and what is compared is what they took in the
// same round.
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../lib/program-copy.mjs';
import { writeSources } from './sources.mjs';

export const startUp = {
  name: 'start-up',
  label: 'start-up',
  unit: 'ms',
  rounds: 'startUpRounds',
  variants: variantsOfRegister,
};
export const startUpOfSource = {
  name: 'start-up-source',
  label: 'start-up with files that are seen as source',
  unit: 'ms',
  rounds: 'sourceRounds',
  variants: variantsOfSource,
};
export const startUps = [startUp, startUpOfSource];

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const register = fileOf('../../build/src/register.js');

/** A package, a core module and own files: what people have. */
const TARGETS = '@aws-sdk/client-s3[paginate*];timers/promises[setInterval];./src/**/*.js';

const formats = {
  cjs: { app: fileOf('./apps/app.cjs'), flag: '--require', sdk: fileOf('./apps/sdk.cjs') },
  esm: { app: fileOf('./apps/app.mjs'), flag: '--import', sdk: fileOf('./apps/sdk.mjs') },
};

const withTargets = (targets) => ({ OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: targets });

/** `{ row, reference?, args, env? }`; a row's cost is what it takes longer than its reference. */
function variantsOfRegister() {
  return Object.entries(formats).flatMap(([format, { app, flag, sdk }]) => [
    { row: `bare-${format}`, args: [app] },
    { row: `sdk-${format}`, reference: `bare-${format}`, args: [flag, sdk, app] },
    { row: `register-${format}`, reference: `sdk-${format}`, args: [flag, register, app], env: withTargets(TARGETS) },
  ]);
}

/** Beside the same files where the target means others, and beside the parser alone. */
function variantsOfSource() {
  return Object.entries(writeSources(temporaryFolder())).flatMap(([name, { app, target, parsed }]) => [
    ...(parsed === undefined ? [] : [{ row: `parse-${name}`, args: [fileOf('./apps/parse.cjs'), ...parsed] }]),
    { row: `unseen-${name}`, args: ['--require', register, app], env: withTargets('./src/**/*.js') },
    {
      row: `seen-${name}`,
      reference: `unseen-${name}`,
      args: ['--require', register, app],
      env: withTargets(target),
    },
  ]);
}
