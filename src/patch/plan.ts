import path = require('node:path');
import type { ResolvedConfig } from '../config/validate';
import type { RunPlan } from '../run/plan';
import {
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_MODULE_NAME,
  ATTR_MODULE_VERSION,
} from '../telemetry/attributes';
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
  const { shouldTrace, classifyError, targets: _targets, baseDir: _baseDir, ...options } = config;
  return {
    ...options,
    target,
    isOfPreset: target.preset !== undefined,
    moduleName,
    moduleVersion: version,
    exportPath: pathOf(claim),
    spanName: target.spanName ?? name,
    spanKind: target.spanKind,
    startOn: target.startOn,
    attributes: {
      [ATTR_CODE_FUNCTION_NAME]: name,
      ...(target.module.kind === 'file' && { [ATTR_CODE_FILE_PATH]: file }),
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
