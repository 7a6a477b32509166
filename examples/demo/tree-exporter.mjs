/**
 * An OpenTelemetry `SpanExporter` that prints traces as trees: what a tracing backend would show, in the terminal.
 */
import { styleText } from 'node:util';

const HEADING = {
  branch: '',
  label: 'SPAN',
  labelColour: 'dim',
  outcome: 'OUTCOME',
  items: 'ITEMS',
  duration: 'DURATION',
};
/** By how the first span of a trace ended: what the program has printed of it. */
const CAPTIONS = { completed: 'Read to the end:', returned: 'Stopped early:', failed: 'Failed:' };
const LEGEND = 'ITEMS: how many values a generator yielded (orders, objects, pages)';
const WIDTHS = { outcome: 11, items: 5, duration: 10 };
const REST = WIDTHS.outcome + WIDTHS.items + WIDTHS.duration;
const COLOURS = { completed: 'green', returned: 'yellow', aborted: 'yellow', failed: 'red', 'no answer': 'red' };
const NARROWEST = 60;
/** `SpanStatusCode.ERROR`. */
const STATUS_ERROR = 2;

export class TreeExporter {
  #spans = [];

  export(spans, done) {
    this.#spans.push(...spans);
    done({ code: 0 });
  }

  async forceFlush() {}

  /** Prints them all. Any earlier, a parent might be there without its children, or they without it. */
  async shutdown() {
    const { stdout } = process;
    const traces = toTrees(this.#spans).map((root) => [...toCaption(root), ...toRows(root), undefined]);
    // Only a terminal has colours, and it knows about NO_COLOR.
    const paint = stdout.hasColors?.() ? styleText : (_style, text) => text;
    const columns = Math.max(stdout.columns || 80, NARROWEST);
    const legend = { branch: '', label: LEGEND, labelColour: 'dim' };
    stdout.write(format([undefined, HEADING, ...traces.flat(), legend], columns, paint));
  }
}

/** The spans without a parent, each with its children, in the order in which they started. */
function toTrees(spans) {
  const byStart = (a, b) => a.span.startTime[0] - b.span.startTime[0] || a.span.startTime[1] - b.span.startTime[1];
  const nodes = spans.map((span) => ({ span, children: [] })).sort(byStart);
  const byId = new Map(nodes.map((node) => [node.span.spanContext().spanId, node]));
  return nodes.filter((node) => {
    const parent = byId.get(node.span.parentSpanContext?.spanId);
    parent?.children.push(node);
    return parent === undefined;
  });
}

function toCaption({ span }) {
  const label = CAPTIONS[span.attributes['async_generator.outcome']];
  return label === undefined ? [] : [{ branch: '', label, labelColour: 'dim' }];
}

/** One row for the span, one for its error if it has one, then those of its children. */
function toRows({ span, children }, branch = '', below = '') {
  const rows = [{ branch, ...describe(span) }];
  if (span.status.code === STATUS_ERROR) {
    const type = span.attributes['error.type'];
    const error = [type, span.status.message].filter(Boolean).join(': ');
    rows.push({ branch: below + (children.length > 0 ? '│  ' : '   '), label: error, labelColour: 'red' });
  }
  children.forEach((child, index) => {
    const isLast = index === children.length - 1;
    rows.push(...toRows(child, below + (isLast ? '└─ ' : '├─ '), below + (isLast ? '   ' : '│  ')));
  });
  return rows;
}

function describe({ name, attributes, duration: [seconds, nanoseconds] }) {
  const duration = `${(seconds * 1e3 + nanoseconds / 1e6).toFixed(1)} ms`;
  const url = attributes['url.full'];
  if (url !== undefined) {
    const { pathname, search } = new URL(url);
    const outcome = String(attributes['http.response.status_code'] ?? 'no answer');
    return { label: `${name} ${pathname}${search}`, labelColour: 'dim', outcome, duration };
  }
  const outcome = attributes['async_generator.outcome'];
  return { label: name, labelColour: 'bold', outcome, items: attributes['async_generator.item.count'], duration };
}

/** Columns are as wide as what is in them, but lines are never wider than the terminal. */
function format(rows, columns, paint) {
  const longest = Math.max(...rows.map((row) => (row?.duration ? row.branch.length + row.label.length : 0)));
  const labels = Math.min(longest + 2, columns - REST);
  const lines = rows.map((row) => {
    if (row === undefined) return '';
    const { branch, label, labelColour, outcome = '', items = '', duration } = row;
    // An error has the whole line.
    const room = (duration === undefined ? columns : labels - 2) - branch.length;
    const text = label.length > room ? `${label.slice(0, room - 1)}…` : label;
    const start = paint('dim', branch) + paint(labelColour, text);
    if (duration === undefined) return start;
    return (
      start +
      ' '.repeat(labels - branch.length - text.length) +
      paint(COLOURS[outcome] ?? 'dim', outcome.padEnd(WIDTHS.outcome)) +
      String(items).padStart(WIDTHS.items) +
      duration.padStart(WIDTHS.duration)
    );
  });
  return lines.map((line) => `${line}\n`).join('');
}
