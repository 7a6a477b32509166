// An SDK that an application sets up in code; with all instrumentations if APP_INSTRUMENTATIONS says so.
const { NodeSDK } = require('@opentelemetry/sdk-node');

const instrumentations =
  process.env.APP_INSTRUMENTATIONS === 'all'
    ? require('@opentelemetry/auto-instrumentations-node').getNodeAutoInstrumentations()
    : [];
const sdk = new NodeSDK({ serviceName: 'set-in-code', instrumentations });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
