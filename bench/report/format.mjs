// Numbers as people read them.

export function ratio(value) {
  if (value === undefined) return '';
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

/** Three significant digits, in the unit that keeps them short. */
export function time(nanoseconds) {
  if (nanoseconds < 1e3) return `${digits(nanoseconds)} ns`;
  if (nanoseconds < 1e6) return `${digits(nanoseconds / 1e3)} µs`;
  return `${digits(nanoseconds / 1e6)} ms`;
}

function digits(value) {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** `1,000,000` */
export function count(value) {
  return value.toLocaleString('en-US');
}

/** A ratio with its quartiles, and the time beside it. */
export function ratioCell(measurement) {
  if (measurement === undefined) return '';
  const { absolute, ratio: relative } = measurement;
  if (relative === undefined) return time(absolute.median);
  return `${ratio(relative.median)} (${ratio(relative.q1)} to ${ratio(relative.q3)}), ${time(absolute.median)}`;
}

export function milliseconds({ median, q1, q3 }) {
  return `${digits(median)} (${digits(q1)} to ${digits(q3)})`;
}
