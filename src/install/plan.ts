/** Plans for the runs of what a target selects: the target's options over the instrumentation's. */
import type { Attributes } from '@opentelemetry/api';
import path = require('node:path');
import type { Definition } from '../source/places';
import type { ResolvedConfig, Target } from '../targets/target';
import {
  ATTR_CODE_COLUMN_NUMBER,
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_CODE_LINE_NUMBER,
  ATTR_MODULE_NAME,
  ATTR_MODULE_VERSION,
} from '../telemetry/attributes';
import type { RunPlan } from '../trace/plan';
import { nameOf, pathOf, type Claim } from './select';

/** The module that the function is in. */
interface PlannedModule {
  readonly file: string;
  readonly version: string | undefined;
}

interface PlannedExport extends PlannedModule {
  readonly claim: Claim;
}

/** For an export. */
export function createPlan(config: ResolvedConfig, { claim, ...module }: PlannedExport): RunPlan {
  const { target } = claim;
  const name = nameOf(claim);
  return planOf(config, target, module, name, pathOf(claim), {
    [ATTR_CODE_FUNCTION_NAME]: name ?? nameOfModule(config, target, module),
    ...(target.module.kind === 'file' && { [ATTR_CODE_FILE_PATH]: module.file }),
  });
}

interface PlannedDefinition extends PlannedModule {
  readonly target: Target;
  readonly definition: Definition;
  /** Where the user has written it. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
}

/** For a function that a file defines. */
export function createDefinitionPlan(
  config: ResolvedConfig,
  { target, definition, place, ...module }: PlannedDefinition,
): RunPlan {
  // As an export is called: `Client.stream` for `Client#stream`.
  const exportPath = definition.path.replace(/#(?=\[)/g, '').replace(/(?<=[^.#/])#/g, '.');
  return planOf(config, target, module, exportPath === 'default' ? undefined : exportPath, exportPath, {
    [ATTR_CODE_FUNCTION_NAME]: definition.path,
    [ATTR_CODE_FILE_PATH]: place.file,
    [ATTR_CODE_LINE_NUMBER]: place.line,
    [ATTR_CODE_COLUMN_NUMBER]: place.column,
  });
}

/** @param name of the span, unless the target says otherwise; undefined for a default export without one, whose spans are called after the module */
function planOf(
  config: ResolvedConfig,
  target: Target,
  module: PlannedModule,
  name: string | undefined,
  exportPath: string,
  attributes: Attributes,
): RunPlan {
  const {
    shouldTrace,
    classifyError,
    genAi,
    targets: _targets,
    baseDir: _baseDir,
    autoPresets: _auto,
    missingPresets: _missing,
    ...options
  } = config;
  const moduleName = nameOfModule(config, target, module);
  const { version } = module;
  return {
    ...options,
    target,
    isOfPreset: target.preset !== undefined,
    moduleName,
    moduleVersion: version,
    exportPath,
    spanName: target.spanName ?? name ?? moduleName,
    spanKind: target.spanKind,
    startOn: target.startOn,
    attributes: {
      ...attributes,
      [ATTR_MODULE_NAME]: moduleName,
      ...(version !== undefined && { [ATTR_MODULE_VERSION]: version }),
      ...target.attributes,
    },
    shouldTrace: [shouldTrace, target.shouldTrace].filter((each) => each !== undefined),
    classifyError: [classifyError, target.classifyError].filter((each) => each !== undefined),
    thenableMembers: target.thenableMembers,
    closeMembers: target.closeMembers,
    iteratorMember: target.iteratorMember,
    abortSignal: target.abortSignal,
    leavingSignal: target.leavingSignal,
    isLazy: target.isLazy,
    errorOf: target.errorOf,
    genAi: genAi ? target.genAi : undefined,
  };
}

/** As the target names it; of a glob, the file that it matched, from the base directory. */
function nameOfModule({ baseDir }: ResolvedConfig, { module }: Target, { file }: PlannedModule): string {
  if (module.kind !== 'file' || !module.isGlob) return module.text;
  const relative = path.relative(baseDir, file).replaceAll(path.sep, '/');
  return relative.startsWith('.') ? relative : `./${relative}`;
}
