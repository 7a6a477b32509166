// What is said of a list of samples. Medians throughout: a machine that does something else now and then moves a mean, not
// these.

/** Linear interpolation between the two neighbours, as R's default (type 7). */
export function quantile(sorted, probability) {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

export function median(samples) {
  return quantile([...samples].sort(ascending), 0.5);
}

/**
 * @param samples at least one
 * @returns median, quartiles (the spread), and the bounds of a 95 % confidence interval of the median
 */
export function summarize(samples) {
  const sorted = [...samples].sort(ascending);
  const [low, high] = confidenceInterval(sorted);
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    low,
    high,
    samples: sorted.length,
  };
}

/**
 * Of the median, at 95 %, by order statistics: the ranks n/2 ± 0.98 √n (normal approximation of the binomial). It assumes
 * nothing about how samples are distributed. With less than six samples no interval reaches 95 %: then the whole range.
 */
function confidenceInterval(sorted) {
  const n = sorted.length;
  if (n < 6) return [sorted[0], sorted[n - 1]];
  const reach = 0.98 * Math.sqrt(n);
  const first = Math.max(0, Math.floor(n / 2 - reach));
  const last = Math.min(n - 1, Math.ceil(n / 2 + reach));
  return [sorted[first], sorted[last]];
}

/** Half the width of the interval, relative to the median. */
export function uncertainty({ median, low, high }) {
  return (high - low) / 2 / median;
}

const ascending = (a, b) => a - b;
