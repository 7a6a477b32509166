import { expect } from 'chai';
import * as path from 'node:path';
import { loadTraceSdk } from '../../../src/testing/recorder/sdk';
import { makeFolder, writeFile } from '../../support/folder';

describe('the SDK of a recorder', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
  });

  /** A package, as far as a recorder looks at it. */
  function install(name: string, code: string, below = folder): string {
    return path.dirname(writeFile(below, path.join('node_modules', name, 'index.js'), code));
  }
  const providerClass = (name: string) =>
    `exports.${name} = class ${name} { constructor(options) { this.options = options } }`;
  const nameOf = (provider: object) => provider.constructor.name;
  const options = { spanProcessors: [], sampler: { shouldSample: () => ({ decision: 2 }) } };

  it('is sdk-trace, of either line', () => {
    install('@opentelemetry/sdk-trace', providerClass('TracerProvider'));
    expect(nameOf(loadTraceSdk([folder]).createProvider(options))).to.equal('TracerProvider');
  });

  it('is sdk-trace-base where a project of the 2.x line has only that', () => {
    install('@opentelemetry/sdk-trace-base', providerClass('BasicTracerProvider'));
    expect(nameOf(loadTraceSdk([folder]).createProvider(options))).to.equal('BasicTracerProvider');
  });

  it('is what sdk-node brings along, out of sight of the project (pnpm)', () => {
    const sdkNode = install('@opentelemetry/sdk-node', '');
    install('@opentelemetry/sdk-trace', providerClass('TracerProvider'), sdkNode);
    install(
      '@opentelemetry/context-async-hooks',
      'exports.AsyncLocalStorageContextManager = class { enable() { return this } }',
      sdkNode,
    );
    const sdk = loadTraceSdk([folder]);
    expect(nameOf(sdk.createProvider(options))).to.equal('TracerProvider');
    expect(sdk.createContextManager()).to.be.an('object');
  });

  it('answers its absence with the install command', () => {
    expect(() => loadTraceSdk([folder])).to.throw(
      /needs OpenTelemetry's SDK, which is not installed; run: npm install --save-dev @opentelemetry\/api.* @opentelemetry\/sdk-node/,
    );
  });

  it('answers the absence of a context manager in the same way', () => {
    install('@opentelemetry/sdk-trace', providerClass('TracerProvider'));
    expect(() => loadTraceSdk([folder]).createContextManager()).to.throw(
      /needs @opentelemetry\/context-async-hooks, which is not installed; run: npm install/,
    );
  });
});
