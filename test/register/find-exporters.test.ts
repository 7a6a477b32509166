import { logs } from '@opentelemetry/api-logs';
import { expect } from 'chai';
import { createRequire } from 'node:module';
import { findExporters } from '../../src/register/exports/find-exporters';

const requireFromSdk = createRequire(require.resolve('@opentelemetry/sdk-node'));
const { logs: logsOfSdk } = requireFromSdk('@opentelemetry/api-logs') as { logs: typeof logs };

describe('the exporters of an SDK', () => {
  const exporter = { export: () => undefined, shutdown: () => undefined };
  const find = (provider: object) => {
    logsOfSdk.setGlobalLoggerProvider(provider as ReturnType<typeof logs.getLoggerProvider>);
    return findExporters(requireFromSdk).logs;
  };

  // Another test may have left one.
  beforeEach(() => logsOfSdk.disable());
  afterEach(() => logsOfSdk.disable());

  it('are found, with what exports with them', () => {
    const processor = { exporter };
    expect(find({ state: { processor: { processors: [processor] } } })).to.deep.equal([{ exporter, owner: processor }]);
  });

  it('are found where a part of the provider refers to the provider', () => {
    // As the first field of the SDK's own does.
    const shutdownOnce: { that?: object } = {};
    shutdownOnce.that = { shutdownOnce, state: { processor: { processors: [{ exporter }] } } };
    expect(find(shutdownOnce.that)).to.have.length(1);
  });

  it('are each found once', () => {
    const processor = { exporter };
    expect(find({ all: [processor], active: { processors: [processor] } })).to.have.length(1);
  });
});
