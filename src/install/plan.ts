import type { Attributes } from '@opentelemetry/api';
import path = require('node:path');
import type { ResolvedConfig } from '../options/validate';
import type { RunPlan } from '../trace/plan';
import {
  ATTR_CODE_COLUMN_NUMBER,
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_CODE_LINE_NUMBER,
  ATTR_MODULE_NAME,
  ATTR_MODULE_VERSION,
} from '../telemetry/attributes';
import type { Definition } from '../source/definitions';
import type { Target } from '../targets/target';
import { nameOf, pathOf, type Claim } from './claim';

/** What there is to know about the function that a plan is for. */
export interface PlannedExport {
  readonly claim: Claim;
  readonly file: string;
  readonly version: string | undefined;
}

/** How the runs of an export are traced: the target's options over the instrumentation's. */
export function createPlan(config: ResolvedConfig, { claim, file, version }: PlannedExport): RunPlan {
  const { target } = claim;
  const moduleName = nameOfModule(config, target, file);
  const name = nameOf(claim) ?? moduleName;
  return planOf(config, {
    target,
    moduleName,
    version,
    name,
    exportPath: pathOf(claim),
    attributes: {
      [ATTR_CODE_FUNCTION_NAME]: name,
      ...(target.module.kind === 'file' && { [ATTR_CODE_FILE_PATH]: file }),
    },
  });
}

/** What there is to know about a definition that a plan is for. */
export interface PlannedDefinition {
  readonly target: Target;
  readonly definition: Definition;
  /** Where the user has written it. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
  readonly file: string;
  readonly version: string | undefined;
}

/** How the runs of what a file defines are traced. */
export function createDefinitionPlan(
  config: ResolvedConfig,
  { target, definition, place, file, version }: PlannedDefinition,
): RunPlan {
  const moduleName = nameOfModule(config, target, file);
  const exportPath = exportPathOf(definition.path);
  return planOf(config, {
    target,
    moduleName,
    version,
    name: exportPath === 'default' ? moduleName : exportPath,
    exportPath,
    attributes: {
      [ATTR_CODE_FUNCTION_NAME]: definition.path,
      [ATTR_CODE_FILE_PATH]: place.file,
      [ATTR_CODE_LINE_NUMBER]: place.line,
      [ATTR_CODE_COLUMN_NUMBER]: place.column,
    },
  });
}

/** A definition path as an export is called: `Client.stream` for `Client#stream`. */
function exportPathOf(definitionPath: string): string {
  return definitionPath.replace(/#(?=\[)/g, '').replace(/(?<=[^.#/])#/g, '.');
}

interface Planned {
  readonly target: Target;
  readonly moduleName: string;
  readonly version: string | undefined;
  readonly name: string;
  readonly exportPath: string;
  readonly attributes: Attributes;
}

function planOf(
  config: ResolvedConfig,
  { target, moduleName, version, name, exportPath, attributes }: Planned,
): RunPlan {
  const { shouldTrace, classifyError, targets: _targets, baseDir: _baseDir, ...options } = config;
  return {
    ...options,
    target,
    isOfPreset: target.preset !== undefined,
    moduleName,
    moduleVersion: version,
    exportPath,
    spanName: target.spanName ?? name,
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
  };
}

/** As the target named it; of a glob, the file that it matched, from the base directory. */
function nameOfModule({ baseDir }: ResolvedConfig, { module }: Target, file: string): string {
  if (module.kind !== 'file' || !module.isGlob) return module.text;
  const relative = path.relative(baseDir, file).replaceAll(path.sep, '/');
  return relative.startsWith('.') ? relative : `./${relative}`;
}
