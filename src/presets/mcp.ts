import { SpanKind } from '@opentelemetry/api';
import type { PresetTarget } from '../targets/target';
import { at, toldError, type OwnPreset } from './preset';

interface Message {
  readonly type?: string;
  readonly error?: unknown;
  readonly result?: { readonly isError?: boolean };
}

/** All errors are the last item, also that of an abort. A tool that fails gives a result, which the conventions call a `tool_error`. */
function errorOf(message: unknown): unknown {
  const { type, error, result } = Object(message) as Message;
  if (type === 'error') return error ?? toldError('error', undefined);
  return type === 'result' && result?.isError === true ? toldError('tool_error', undefined) : undefined;
}

/** Where the class is defined, in both formats: clients make an object of it for themselves. */
const streams = (method: string): PresetTarget[] =>
  ['cjs', 'esm'].map((format) => ({
    module: `@modelcontextprotocol/sdk/dist/${format}/experimental/tasks/client.js`,
    versions: '>=1.24.0',
    exports: [`ExperimentalClientTasks#${method}`],
    spanName: `mcp.${method}`,
    spanKind: SpanKind.CLIENT,
    abortSignal: ({ args: [, , options] }) => at(options, 'signal'),
    errorOf,
  }));

export const mcp: OwnPreset = {
  name: 'mcp',
  traces: 'callToolStream() and requestStream() of clients',
  spans: 'mcp.callToolStream',
  targets: [...streams('callToolStream'), ...streams('requestStream')],
};
