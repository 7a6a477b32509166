import type * as Levenshtein from 'fastest-levenshtein';

/** The candidates that are most like `word`, the nearest first; only those that a typing error may explain. */
export function nearest(word: string, candidates: readonly string[], count = 3): string[] {
  // Loaded only here: a program without a mistake need not wait for it at every start.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { distance } = require('fastest-levenshtein') as typeof Levenshtein;
  const limit = Math.max(2, Math.ceil(word.length / 2));
  return candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= limit || candidate.toLowerCase().includes(word.toLowerCase()))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}
