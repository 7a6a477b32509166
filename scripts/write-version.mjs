// Writes src/version.ts from package.json, so that the version is said in one place. With --check it only looks.
import { readFileSync, writeFileSync } from 'node:fs';

const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const file = new URL('../src/version.ts', import.meta.url);
const text = `// Written by scripts/write-version.mjs from package.json. Do not edit.
export const PACKAGE_NAME = '${name}';
export const PACKAGE_VERSION = '${version}';
`;
if (readFileSync(file, 'utf8') !== text) {
  if (process.argv.includes('--check')) {
    console.error('src/version.ts does not say what package.json says: run `npm run version:update`');
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
  }
}
