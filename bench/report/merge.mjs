/**
 * Puts results together that were measured one after the other, as a benchmark of all columns on all versions of Node takes longer
 * than a machine stays quiet.
 *
 * @param all of `main.mjs --json`. What several of them have measured is taken from the last one
 */
export function merge(all) {
  const last = all.at(-1);
  const efforts = [...new Set(all.map(({ effort }) => effort))];
  const majors = [...new Set(all.flatMap(({ nodes }) => nodes.map(({ major }) => major)))].sort((a, b) => a - b);
  return { ...last, effort: efforts.join(' and '), nodes: majors.map((major) => nodeOf(major, all)) };
}

function nodeOf(major, all) {
  const parts = all.flatMap(({ nodes }) => nodes.filter((node) => node.major === major));
  const measurements = new Map();
  for (const measurement of parts.flatMap((part) => part.measurements))
    measurements.set(keyOf(measurement), measurement);
  return { major, measurements: [...measurements.values()], failures: parts.flatMap(({ failures }) => failures) };
}

/** All that says what was measured, and nothing of what came out. */
function keyOf({ column, row, condition, peer, at }) {
  return JSON.stringify([column, row, condition, peer, at]);
}
