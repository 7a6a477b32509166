/**
 * OpenTelemetry's two lines, each installed with the runners in a project of its own.
 */
export const LINES = [
  { name: 'line-2', title: 'OpenTelemetry 2.x, Node 20', major: 20 },
  { name: 'line-3', title: 'OpenTelemetry 3.x, Node 24', major: 24 },
];

export const [LINE_2, LINE_3] = LINES;
