/**
 * What definitions are called: `pages`, `Client#pages`, `Client.from`, `outer/inner`, `store.read`.
 */
import type { AnyNode, Expression, PrivateIdentifier, Super } from 'acorn';

export interface Keyed {
  readonly key: Expression | PrivateIdentifier;
  readonly computed: boolean;
}

/** The key of a member, where the source tells: `#pages` for a private one, undefined for a computed one. */
export function staticKey({ key, computed }: Keyed): string | undefined {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  if (key.type === 'Identifier') return computed ? undefined : key.name;
  if (key.type === 'Literal') {
    const isKey = typeof key.value === 'string' || typeof key.value === 'number' || typeof key.value === 'bigint';
    return isKey ? String(key.value) : undefined;
  }
  return key.type === 'TemplateLiteral' && key.expressions.length === 0
    ? (key.quasis[0]?.value.cooked ?? undefined)
    : undefined;
}

/** How the names of all registrars begin, those of other copies of this package included. */
export const REGISTRAR_NAME = '__opentelemetryInstrumentationAsyncGenerator_k7q3v9';

/** What another copy of this package has added to the name of a private method. */
const OF_OTHER_COPY = new RegExp(`(?<=^#.+)${REGISTRAR_NAME}.*$`);

/** The key of a member as a path shows it: `[Symbol.asyncIterator]` for a computed one. */
export function keyText(member: Keyed): string {
  const key = staticKey(member);
  if (key === undefined) return `[${nameOf(member.key) ?? 'computed'}]`;
  return key.startsWith('#') ? key.replace(OF_OTHER_COPY, '') : key;
}

/** The path of a member of what `owner` names. */
export function memberPath(owner: string, separator: '.' | '#', key: string): string {
  const isOfPrototype = separator === '.' && owner.endsWith('.prototype');
  return isOfPrototype ? `${owner.slice(0, -'.prototype'.length)}#${key}` : owner + separator + key;
}

/** The path of what is defined inside of `outer`. */
export function innerPath(outer: string, name: string): string {
  return outer === '' ? name : `${outer}/${name}`;
}

/** The exports of a CommonJS module, which its definitions are not named after. */
export function isExportsObject(node: AnyNode): boolean {
  return isExportsName(nameOf(node));
}

function isExportsName(name: string | undefined): boolean {
  return name === 'exports' || name === 'module.exports';
}

/**
 * What an assignment to `target` names its value: `x` for `x`, `exports.x`, `module.exports.x` and `this.x`; `Foo#x` for `Foo.prototype.x`.
 */
export function nameOf(target: AnyNode): string | undefined {
  if (target.type === 'Identifier') return target.name;
  if (target.type !== 'MemberExpression') return undefined;
  const key = keyText({ key: target.property, computed: target.computed });
  const owner = ownerOf(target.object);
  return owner === undefined ? key : memberPath(owner, '.', key);
}

function ownerOf(object: Expression | Super): string | undefined {
  const name = nameOf(object);
  return isExportsName(name) ? undefined : name;
}
