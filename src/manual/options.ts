import { diag, SpanKind, trace } from '@opentelemetry/api';
import { checkTraceOptions, resolveRunOptions } from '../config/validate';
import type { RunPlan } from '../run/plan';
import { Scope } from '../run/scope';
import { ATTR_CODE_FUNCTION_NAME } from '../telemetry/attributes';
import { Reporter } from '../telemetry/reporter';
import type { TraceOptions } from '../types';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';

/** Shared by everything that is traced by hand. No instrumentation switches it off. */
export const manualScope = new Scope(
  () => trace.getTracer(PACKAGE_NAME, PACKAGE_VERSION),
  new Reporter(() => diag.createComponentLogger({ namespace: PACKAGE_NAME })),
);

/** A plan for one function that is traced by hand. */
export function createManualPlan(options: TraceOptions, name: string): RunPlan {
  checkTraceOptions(options);
  const { shouldTrace, ...runOptions } = resolveRunOptions(options);
  return {
    ...runOptions,
    target: {},
    moduleName: undefined,
    moduleVersion: undefined,
    exportPath: name,
    spanName: options.spanName ?? name,
    spanKind: options.spanKind ?? SpanKind.INTERNAL,
    attributes: { [ATTR_CODE_FUNCTION_NAME]: name, ...options.attributes },
    startOn: options.startOn ?? 'pull',
    shouldTrace: shouldTrace === undefined ? [] : [shouldTrace],
  };
}
