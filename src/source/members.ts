/** The functions that are members: of classes, and of object literals. */
import type { AnyNode, Class, FunctionExpression, ObjectExpression } from 'acorn';
import type { Finder, Position, Surroundings } from './definitions';
import { innerPath, keyText, memberPath, pathOf, staticKey } from './paths';
import { markUntraceable, REPLACED, type Found, type Place } from './places';

export function visitClass(finder: Finder, node: Class, around: Surroundings, { label }: Position): void {
  const path = pathOf(label, around.path, node.id?.name, 'class');
  if (node.superClass) finder.visit(node.superClass, around);
  const inside = { path, scope: around.scope };
  const byKey = new Map<string, Found>();
  const computed: Found[] = [];
  let suspensionsInKeys = 0;
  for (const member of node.body.body) {
    if (member.type === 'StaticBlock') {
      finder.usage.ofSuper(() => {
        finder.visit(member, inside);
      });
      continue;
    }
    if (member.computed) {
      const before = finder.usage.suspensions;
      finder.visit(member.key, around);
      suspensionsInKeys += finder.usage.suspensions - before;
    }
    const key = staticKey(member);
    const memberLabel = { path: memberPath(path, member.static ? '.' : '#', keyText(member)), isDirect: true };
    if (member.type === 'PropertyDefinition') {
      const position = {
        label: memberLabel,
        givenName: key,
        reason: key === undefined ? 'the computed key of a class field is its name' : undefined,
      };
      const { value } = member;
      if (!value) continue;
      finder.usage.ofSuper(() => {
        finder.visit(value, inside, position);
      });
      continue;
    }
    const found = visitMember(finder, member.value, inside, {
      label: memberLabel,
      place: { kind: 'method', method: member, owner: node },
      isUnlisted: member.kind !== 'method',
      returned: member.kind === 'get' ? memberLabel : undefined,
    });
    if (key !== undefined && !key.startsWith('#')) {
      const earlier = byKey.get(`${member.static} ${key}`);
      if (earlier !== undefined) markUntraceable(earlier, REPLACED);
      if (found !== undefined) byKey.set(`${member.static} ${key}`, found);
    }
    if (key === undefined && found !== undefined) computed.push(found);
  }
  // The keys are noted as they are computed. Another evaluation of the class may come between if it can wait there.
  if (suspensionsInKeys === 0) return;
  for (const found of computed) markUntraceable(found, 'a computed key of its class waits for something');
}

export function visitLiteral(
  finder: Finder,
  literal: ObjectExpression,
  around: Surroundings,
  { label }: Position,
): void {
  const open: { found: Found; key: string | undefined }[] = [];
  /** A method that uses `super` is registered at the end of the literal: it must still be there. */
  const replace = (key: string | undefined, reason: string) => {
    for (const each of open) {
      if (key === undefined || each.key === key) markUntraceable(each.found, reason);
    }
  };
  for (const property of literal.properties) {
    if (property.type === 'SpreadElement') {
      finder.visit(property, around);
      replace(undefined, 'it uses super, and a spread follows in its object literal');
      continue;
    }
    if (property.computed) finder.visit(property.key, around);
    const key = staticKey(property);
    replace(key, key === undefined ? 'it uses super, and a computed key follows in its object literal' : REPLACED);
    const text = keyText(property);
    const isExports = label === undefined || label.isExports === true;
    const path = isExports ? innerPath(around.path, text) : memberPath(label.path, '.', text);
    const place: Place = { kind: 'property', property, literal };
    const propertyLabel = { path, isDirect: true };
    if (property.kind !== 'init' || property.method) {
      const found = visitMember(finder, property.value as FunctionExpression, around, {
        label: propertyLabel,
        place,
        isUnlisted: !property.method,
        returned: property.kind === 'get' ? propertyLabel : undefined,
      });
      if (found?.usesSuper !== true) continue;
      if (property.computed && key === undefined) markUntraceable(found, 'it uses super, and its key is computed');
      open.push({ found, key });
    } else if (property.computed && isAnonymousFunction(property.value)) {
      finder.visit(property.value, around, { label: propertyLabel, place });
    } else {
      const givenName = key === '__proto__' && !property.shorthand ? undefined : key;
      finder.visit(property.value, around, { label: propertyLabel, givenName });
    }
  }
}

function visitMember(
  finder: Finder,
  node: FunctionExpression,
  around: Surroundings,
  position: Position,
): Found | undefined {
  let found: Found | undefined;
  const usesSuper = finder.usage.ofSuper(() => {
    found = finder.visitFunction(node, around, position);
  });
  if (found !== undefined) (found as Found).usesSuper = usesSuper;
  return found;
}

function isAnonymousFunction(node: AnyNode): boolean {
  return node.type === 'ArrowFunctionExpression' || (node.type === 'FunctionExpression' && !node.id);
}
