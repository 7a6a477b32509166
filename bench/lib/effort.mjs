// How long things are measured. All by time, so that a slow machine takes fewer rounds instead of longer.

/**
 * - `sampleMs`: length of one sample of one row. Long against the clock and a scavenge, short against what a neighbour
 *   on the machine does.
 * - `warmUpMs`: at most, of one row; it ends earlier when samples have stopped to get faster.
 * - `experimentMs`: at most, of all rounds of one column, whatever the number of rows; less if the medians are certain.
 * - `minRounds`: even if that takes longer.
 * - `precision`: relative half-width of a ratio's 95 % confidence interval that counts as certain.
 * - `scale`: of growth series: the largest number of each.
 */
export const FULL = {
  name: 'full',
  sampleMs: 40,
  warmUpMs: 600,
  experimentMs: 14_000,
  minRounds: 15,
  precision: 0.005,
  growth: { openRuns: 100_000, items: 10_000_000, targets: 1000, depth: 16 },
  growthSampleMs: 40,
  growthRounds: 9,
  memoryRuns: 20_000,
  memoryRounds: 5,
  startUpRounds: 21,
  sourceRounds: 9,
};

export const QUICK = {
  name: 'quick',
  sampleMs: 8,
  warmUpMs: 120,
  experimentMs: 1200,
  minRounds: 7,
  precision: 0.02,
  growth: { openRuns: 10_000, items: 100_000, targets: 100, depth: 16 },
  growthSampleMs: 6,
  growthRounds: 5,
  memoryRuns: 4000,
  memoryRounds: 3,
  startUpRounds: 5,
  sourceRounds: 2,
};
