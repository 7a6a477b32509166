// How much later an application begins. The variants are started alternately, and what is compared is what they took in the
// same round.
import { fileURLToPath } from 'node:url';

export const startUp = { name: 'start-up', label: 'start-up', unit: 'ms' };

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const register = fileOf('../../build/src/register.js');

/** A package, a core module and own files: what people have. */
const TARGETS = '@aws-sdk/client-s3[paginate*];timers/promises[setInterval];./src/**/*.js';

const formats = {
  cjs: { app: fileOf('./apps/app.cjs'), flag: '--require', sdk: fileOf('./apps/sdk.cjs') },
  esm: { app: fileOf('./apps/app.mjs'), flag: '--import', sdk: fileOf('./apps/sdk.mjs') },
};

/** `{ row, reference, args, env }`; a row's cost is what it takes longer than its reference. */
export const variants = Object.entries(formats).flatMap(([format, { app, flag, sdk }]) => [
  { row: `bare-${format}`, args: [app] },
  { row: `sdk-${format}`, reference: `bare-${format}`, args: [flag, sdk, app] },
  {
    row: `register-${format}`,
    reference: `sdk-${format}`,
    args: [flag, register, app],
    env: { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: TARGETS },
  },
]);
