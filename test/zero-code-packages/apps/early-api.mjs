// Long before there is an SDK, as modules do.
import * as api from '@opentelemetry/api';

// 2.x has the API for logs in a package of its own.
const { logs } = 'logs' in api ? api : await import('@opentelemetry/api-logs');

export const tracer = api.trace.getTracer('application');
export const logger = logs.getLogger('application');
