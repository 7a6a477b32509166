/** What definitions are called: `pages`, `Client#pages`, `Client.from`, `outer/inner`, `store.read`. */
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

/** What a place calls its value. */
export interface Label {
  readonly path: string;
  /** Whether it is that very value: then its name goes before the one that a function has for itself. */
  readonly isDirect: boolean;
  /** The object of all exports of a CommonJS module gives no name to its members. */
  readonly isExports?: boolean;
}

/** What `target` calls the value that is assigned to it, inside of `outer`. */
export function labelOf(target: AnyNode, outer: string): Label | undefined {
  const name = nameOf(target);
  if (isExportsName(name)) return { path: 'default', isDirect: false, isExports: true };
  return name === undefined ? undefined : { path: innerPath(outer, name), isDirect: true };
}

/** What the place of a call or a conditional calls the parts of that. */
export function passedOn(label: Label): Label {
  return { ...label, isDirect: false };
}

/** The path of a function or class inside of `outer`. */
export function pathOf(label: Label | undefined, outer: string, ownName: string | undefined, kind: string): string {
  if (label !== undefined && (label.isDirect || ownName === undefined)) return label.path;
  return innerPath(outer, ownName ?? kind);
}

function isExportsName(name: string | undefined): boolean {
  return name === 'exports' || name === 'module.exports';
}

/** What an assignment to `target` calls its value: `x` for `x`, `exports.x`, `module.exports.x` and `this.x`; `Foo#x` for `Foo.prototype.x`. */
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
