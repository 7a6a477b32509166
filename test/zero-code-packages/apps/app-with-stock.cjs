require('@opentelemetry/auto-instrumentations-node/register');
require('./app.cjs');
