import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { EXAMPLES } from './support';

const sources = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .flatMap(({ name }) => readdirSync(path.join(EXAMPLES, name)).map((file) => `${name}/${file}`));

describe('the applications of the examples', () => {
  it('know nothing of OpenTelemetry', () => {
    expect(sources).to.include.members(['fastify/app.mjs', 'services/shop.cjs']);
    for (const file of sources) {
      const source = readFileSync(path.join(EXAMPLES, file), 'utf8');
      expect(source, file).not.to.match(/opentelemetry|otel|async-generator|trac(?:e|ing)|\bspans?\b|instrument/i);
    }
  });

  it('use one version of the API, for with two there are no spans', () => {
    const { packages } = JSON.parse(readFileSync(path.join(EXAMPLES, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string }>;
    };
    const versionsOfApi = Object.keys(packages).filter((folder) => folder.endsWith('node_modules/@opentelemetry/api'));
    expect(versionsOfApi).to.deep.equal(['node_modules/@opentelemetry/api']);
    // That of the package which is linked: it takes its own from the root.
    const root = JSON.parse(
      readFileSync(path.join(EXAMPLES, '../../node_modules/@opentelemetry/api/package.json'), 'utf8'),
    ) as { version: string };
    const minor = (version = '') => version.split('.').slice(0, 2).join('.');
    expect(minor(packages['node_modules/@opentelemetry/api']?.version)).to.equal(minor(root.version));
  });
});
