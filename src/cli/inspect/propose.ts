/**
 * Asks the instrumentation itself what it can do (it patches the loaded module, and its own report is the answer), and proposes
 * selectors: as short as can be, and matching no more than they are proposed for.
 */
import { AsyncGeneratorInstrumentation } from '../../instrumentation';
import type { TargetReport } from '../../types';
import type { InspectedExport, InspectReply, Survey, Verdict } from './model';

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

/** Fewer names than this are not worth a wildcard. */
const WORTH_A_WILDCARD = 3;
/** More selectors than this are too many to read. */
const TOO_MANY = 6;

/**
 * For the async-generator functions among the exports that can be patched.
 *
 * @param unread exports that a wildcard may match, and that may be anything
 */
export function proposeSelectors(exports: readonly InspectedExport[], unread: readonly string[]): string[] {
  const wanted = exports.filter(({ isAsyncGenerator, patch }) => isAsyncGenerator && patch.method !== undefined);
  const names = wanted.map(({ selector }) => selector);
  const rest = exports.filter((each) => !wanted.includes(each) && each.isAsyncGenerator);
  const avoid = [...rest.map(({ selector }) => selector), ...unread];
  const selectors = compress(names, avoid);
  const areMatchedByStar = wanted.every(
    ({ selector, definition }) => isMatchedByStar(selector) && definition !== 'inherited method',
  );
  return selectors.length > TOO_MANY && areMatchedByStar && avoid.length === 0 ? ['*'] : selectors;
}

/** `*` matches exports and the methods of exported classes, but nothing further down, and no symbols. */
function isMatchedByStar(selector: string): boolean {
  return /^[^.#[]+(?:[.#][^.#[]+)?$/.test(selector);
}

function compress(names: readonly string[], avoid: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const wildcard = wildcardFor(name);
    groups.set(wildcard ?? name, [...(groups.get(wildcard ?? name) ?? []), name]);
  }
  return [...groups].flatMap(([wildcard, group]) =>
    group.length >= WORTH_A_WILDCARD && !avoid.some((name) => matches(wildcard, name)) ? [wildcard] : group,
  );
}

/** `paginateListObjects` -> `paginate*`, `Client#scan` -> `Client#*`, `ns.count` -> `ns.*`. */
function wildcardFor(name: string): string | undefined {
  if (name.includes('[')) return undefined;
  const parent = /^.*[.#]/.exec(name)?.[0];
  if (parent !== undefined) return `${parent}*`;
  const firstWord = /^[A-Z]?[a-z]{2,}(?=[A-Z0-9_])/.exec(name)?.[0];
  return firstWord === undefined ? undefined : `${firstWord}*`;
}

function matches(wildcard: string, name: string): boolean {
  return name.startsWith(wildcard.slice(0, -1));
}
