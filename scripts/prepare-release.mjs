// Prepares package.json for a release: `node scripts/prepare-release.mjs OWNER/NAME vVERSION`. The repository is named here and nowhere else, and
// npm's page resolves the links of README by it.
import { readFileSync, writeFileSync } from 'node:fs';

const PLACEHOLDER = 'OWNER/opentelemetry-instrumentation-async-generator';

const [repository, tag] = process.argv.slice(2);
const file = new URL('../package.json', import.meta.url);
const text = readFileSync(file, 'utf8');
const { version } = JSON.parse(text);

if (!/^[\w.-]+\/[\w.-]+$/.test(repository ?? '')) fail(`expected OWNER/NAME of the repository, and got ${repository}`);
if (tag !== `v${version}`) fail(`expected the tag v${version}, as package.json has it, and got ${tag}`);
if (!text.includes(PLACEHOLDER)) fail(`package.json has no placeholder ${PLACEHOLDER}`);
if (!readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8').includes(`\n## [${version}]`)) {
  fail(`CHANGELOG.md has no section for ${version}`);
}
writeFileSync(file, text.replaceAll(PLACEHOLDER, repository));

function fail(message) {
  console.error(message);
  process.exit(1);
}
