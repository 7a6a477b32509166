/**
 * Asks the instrumentation itself what it can do: it patches the loaded module, and its own report is the answer.
 */
import { AsyncGeneratorInstrumentation } from '../../instrumentation';
import type { TargetReport } from '../../types';
import { proposeSelectors } from './propose';
import type { InspectReply, InspectedExport, Survey, Verdict } from './types';

export function judge(module: string, baseDir: string, survey: Survey): InspectReply {
  const { found, unread, ...rest } = survey;
  // A target for each, so that no two can get in each other's way.
  const instrumentation = new AsyncGeneratorInstrumentation({
    baseDir,
    targets: found.map(({ selector }) => ({ module, exports: [selector] })),
  });
  const patchedBy = (selectors: readonly string[]): string[] => {
    instrumentation.setConfig({ baseDir, targets: [{ module, exports: selectors }] });
    return pathsIn(instrumentation.getPatchReport());
  };
  try {
    const reports = instrumentation.getPatchReport();
    const exports = found.map((each, index) => ({ ...each, patch: verdictOf(reports[index] as TargetReport) }));
    return { exports, unread, ...rest, selectors: exactSelectors(exports, unread, patchedBy) };
  } finally {
    instrumentation.disable();
  }
}

function verdictOf({ modules, status, message }: TargetReport): Verdict {
  const [patched] = modules.flatMap(({ exports }) => exports);
  return patched === undefined ? { reason: message ?? status } : { method: patched.method };
}

/** Wildcards are for those only who get from them what the names would give. */
function exactSelectors(
  exports: readonly InspectedExport[],
  unread: readonly string[],
  patchedBy: (selectors: readonly string[]) => string[],
): readonly string[] {
  const wanted = exports.filter(({ isAsyncGenerator, patch }) => isAsyncGenerator && patch.method !== undefined);
  const names = wanted.map(({ selector }) => selector);
  if (names.length === 0) return [];
  const proposed = proposeSelectors(exports, unread);
  if (proposed.length === names.length) return names;
  const expected = new Set(patchedBy(names));
  const actual = patchedBy(proposed);
  return actual.length === expected.size && actual.every((path) => expected.has(path)) ? proposed : names;
}

function pathsIn(reports: readonly TargetReport[]): string[] {
  return reports.flatMap(({ modules }) => modules.flatMap(({ exports }) => exports.map(({ path }) => path)));
}
