// An SDK that an application sets up in code; with all instrumentations if APP_INSTRUMENTATIONS says so.
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { NodeSDK } from '@opentelemetry/sdk-node';

const instrumentations = process.env.APP_INSTRUMENTATIONS === 'all' ? getNodeAutoInstrumentations() : [];
const sdk = new NodeSDK({ serviceName: 'set-in-code', instrumentations });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
