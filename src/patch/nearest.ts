import { distance } from 'fastest-levenshtein';

/** The candidates that are most like `word`, the nearest first; only those that a typing error may explain. */
export function nearest(word: string, candidates: readonly string[], count = 3): string[] {
  const limit = Math.max(2, Math.ceil(word.length / 2));
  return candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= limit || candidate.toLowerCase().includes(word.toLowerCase()))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}
