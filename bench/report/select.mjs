// Questions to the flat list of measurements that a Node version has.

/** The measurement of a row in a column; of several, that of the plain condition and of no peer's process. */
export function find(measurements, { column, row, condition = 'plain', peer }) {
  return measurements.find(
    (measurement) =>
      measurement.column === column &&
      measurement.row === row &&
      measurement.peer === peer &&
      (measurement.condition ?? 'plain') === condition,
  );
}

/** The points of a growth series, by value of the axis, then by row. */
export function seriesOf(measurements, column) {
  const points = new Map();
  for (const measurement of measurements) {
    if (measurement.column !== column) continue;
    if (!points.has(measurement.at)) points.set(measurement.at, new Map());
    points.get(measurement.at).set(measurement.row, measurement);
  }
  return points;
}
