/**
 * The lines of one span. The first is its name with what matters most; attributes, events and links follow, indented.
 */
import type { Attributes, DescribedSpan, LinkTarget } from './describe';
import { quote, quoteIfNeeded, quoteKey } from './escape';
import { formatValue } from './value';

const INDENT = '  ';

/** What stands in brackets behind the name. */
export function detailsOf(described: DescribedSpan, problems: readonly string[]): string {
  const { isOpen, kind, status, outcome, itemCount, dropped } = described;
  const details = [
    isOpen ? 'OPEN' : undefined,
    kind,
    status && (status.message === undefined ? status.code : `${status.code} ${quote(status.message)}`),
    outcome,
    itemCount === undefined ? undefined : count(itemCount, 'item'),
    ...Object.entries(dropped).map(([what, number]) =>
      number > 0 ? `${count(number, what.slice(0, -1))} dropped` : undefined,
    ),
    ...problems,
  ].filter((each) => each !== undefined);
  return details.length === 0 ? '' : ` [${details.join(', ')}]`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** @param reference what to call the target of a link */
export function linesOf(described: DescribedSpan, reference: (link: LinkTarget) => string): string[] {
  return [
    ...attributeLines(described.attributes),
    ...described.events.flatMap(({ name, attributes }) => [
      `event ${quoteIfNeeded(name)}`,
      ...attributeLines(attributes).map((line) => INDENT + line),
    ]),
    ...described.links.flatMap(({ to, attributes }) => [
      `link to ${reference(to)}`,
      ...attributeLines(attributes).map((line) => INDENT + line),
    ]),
  ];
}

function attributeLines(attributes: Attributes): string[] {
  return attributes.map(([key, value]) => `${quoteKey(key)}: ${formatValue(value)}`);
}

/** All of it, to compare spans by. */
export function textOf(described: DescribedSpan, reference: (link: LinkTarget) => string): string {
  return [quoteIfNeeded(described.name) + detailsOf(described, []), ...linesOf(described, reference)].join('\n');
}
