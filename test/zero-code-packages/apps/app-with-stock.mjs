import '@opentelemetry/auto-instrumentations-node/register';
import './app.mjs';
