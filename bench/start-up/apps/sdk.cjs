// The SDK's own start, as its documentation has it.
const { NodeSDK } = require('@opentelemetry/sdk-node');

new NodeSDK().start();
