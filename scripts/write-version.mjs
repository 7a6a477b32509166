// Writes src/version.ts from package.json, so that the version is said in one place.
import { readFileSync, writeFileSync } from 'node:fs';

const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const file = new URL('../src/version.ts', import.meta.url);
const text = `// Written by scripts/write-version.mjs from package.json. Do not edit.
export const PACKAGE_NAME = '${name}';
export const PACKAGE_VERSION = '${version}';
`;
writeFileSync(file, text);
