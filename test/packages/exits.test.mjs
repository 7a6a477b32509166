/** Every preset on its real packages, and on all seven exits: see support/exits/suite.mjs. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describeExits } from './support/exits/suite.mjs';

const require = createRequire(import.meta.url);
const folder = new URL('./exits/', import.meta.url);

for (const name of readdirSync(folder)) {
  const file = fileURLToPath(new URL(name, folder));
  describeExits(require(file), file);
}
