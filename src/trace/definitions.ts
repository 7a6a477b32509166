/**
 * The functions of definitions: a definition may be evaluated a million times, and all functions that it makes are traced alike.
 */
import { trace } from '@opentelemetry/api';
import { Reporter } from '../base/reporter';
import { logger } from '../base/logger';
import type { AnyFunction } from '../base/intrinsics';
import type { Tracing } from './record';
import type { RunPlan } from './plan';
import { Scope } from './scope';
import { traceFunctionAs, type TracedState } from './traced-function';
import { makesGenerator } from './wrappers';

interface DefinitionState extends TracedState {
  /** Known with the first of its functions. */
  makesGenerator?: boolean;
}

const states = new Map<number, DefinitionState[]>();

/** Of definitions that are not traced at present: their functions pass straight through. */
const idle = createIdle();

function createIdle(): Tracing {
  const scope = new Scope({ tracer: () => trace.getTracer('') }, new Reporter(() => logger));
  scope.enabled = false;
  return { plan: { exportPath: '' } as RunPlan, scope };
}

/** How the functions of a definition are traced: to replace its `tracing` replaces that of all of them. */
export function stateOfDefinition(file: number, definition: number): DefinitionState {
  let ofFile = states.get(file);
  if (ofFile === undefined) states.set(file, (ofFile = []));
  return (ofFile[definition] ??= { tracing: idle });
}

/** The traced function for one that a definition has made. */
export function traceDefinition(fn: AnyFunction, file: number, definition: number): AnyFunction {
  const state = stateOfDefinition(file, definition);
  return traceFunctionAs(fn, state, (state.makesGenerator ??= makesGenerator(fn)));
}
