/**
 * Which functions a source defines, what they are called, and where each of them is written: what the transformer needs to know of it.
 */
import type {
  AnyNode,
  AnonymousFunctionDeclaration,
  ArrowFunctionExpression,
  CallExpression,
  Class,
  FunctionDeclaration,
  FunctionExpression,
  MethodDefinition,
  NewExpression,
  ObjectExpression,
  Pattern,
  Property,
} from 'acorn';
import { Lines } from './text';
import { eachChild, parse, type SourceType } from './parse';
import { innerPath, isExportsObject, keyText, memberPath, nameOf, staticKey } from './paths';

/** A function as it is written in a file. */
export interface Definition {
  /** `pages`, `Client#pages`, `Client.from`, `Client##pages` for a private method, `outer/inner`, `store.read`. */
  readonly path: string;
  /** Whether it is an async generator itself, not just a function that a name may select. */
  readonly isAsyncGenerator: boolean;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly isTraceable: boolean;
  /** Why it is not traceable. */
  readonly reason?: string;
}

export type FunctionNode =
  FunctionDeclaration | AnonymousFunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

/** What function declarations belong to. The function itself, where it is the body of an `if`. */
export type ScopeNode = Extract<
  AnyNode,
  { type: 'Program' | 'BlockStatement' | 'StaticBlock' | 'SwitchStatement' | 'FunctionDeclaration' }
>;

/** Where a function is written, which decides how it can be registered. */
export type Place =
  | { readonly kind: 'declaration'; readonly scope: ScopeNode }
  | {
      readonly kind: 'expression';
      /** The name that the language gives to a function without one. */
      readonly givenName: string | undefined;
      readonly isNewCallee: boolean;
    }
  /** A method of an object literal, or a function that is named after a computed key. */
  | { readonly kind: 'property'; readonly property: Property; readonly literal: ObjectExpression }
  | { readonly kind: 'method'; readonly method: MethodDefinition; readonly owner: Class };

/** A definition, and what the transformer needs to register it. */
export interface Found {
  readonly node: FunctionNode;
  readonly place: Place;
  readonly definition: { -readonly [K in keyof Definition]: Definition[K] };
  /** The name of a function expression that its own code refers to, and may: nothing assigns it. */
  ownName: string | undefined;
  usesSuper: boolean;
}

/** What a place calls its value. */
interface Label {
  readonly path: string;
  /** Whether it is that very value: then its name goes before the one that a function has for itself. */
  readonly isDirect: boolean;
  /** The object of all exports gives no name to its members. */
  readonly isExports?: boolean;
}

interface Position {
  readonly label?: Label;
  readonly givenName?: string;
  readonly calleeOf?: 'call' | 'new';
  /** Set where a function is no expression: it is a member of something, or a declaration. */
  readonly place?: Place;
  /** Why it can't be registered there. */
  readonly reason?: string;
  /** Whether nobody can name it: constructors and accessors. */
  readonly isUnlisted?: boolean;
  /** What a function that it returns is called. */
  readonly returned?: Label;
}

interface Scope {
  readonly node: ScopeNode;
  /** Most have none. */
  declared?: Map<string, Found>;
}

interface Surroundings {
  readonly path: string;
  readonly scope: Scope;
  readonly returned?: Label;
}

const NOWHERE: Position = {};
const REPLACED = 'another definition of the same name replaces it';

/** What one function expression does with its own name. */
interface OwnName {
  isRead: boolean;
  isAssigned: boolean;
}

/** One walk over a parsed source. */
class Collector {
  readonly found: Found[] = [];
  private readonly ownNames = new Map<string, OwnName[]>();
  private superUser: { usesSuper: boolean } = { usesSuper: false };
  /** How many `yield` and `await` there were. */
  private suspensions = 0;
  private readonly lines: Lines;

  constructor(source: string) {
    this.lines = new Lines(source);
  }

  visit(node: AnyNode, around: Surroundings, position: Position = NOWHERE): void {
    switch (node.type) {
      // First what there is most of, since one is compared after the other.
      case 'Identifier':
        if (this.ownNames.size === 0) return;
        for (const ownName of this.ownNames.get(node.name) ?? []) ownName.isRead = true;
        return;
      case 'Literal':
      case 'ThisExpression':
      case 'TemplateElement':
        return;
      case 'MemberExpression':
        this.visit(node.object, around, { calleeOf: position.calleeOf });
        if (node.computed) this.visit(node.property, around);
        return;
      case 'CallExpression':
      case 'NewExpression':
        this.visitCall(node, around, position);
        return;
      case 'BlockStatement':
      case 'StaticBlock':
      case 'Program':
        this.visitChildren(node, inScope(around, node));
        return;
      case 'SwitchStatement': {
        this.visit(node.discriminant, around);
        const inside = inScope(around, node);
        for (const each of node.cases) this.visit(each, inside);
        return;
      }
      case 'IfStatement':
        this.visit(node.test, around);
        for (const branch of [node.consequent, node.alternate]) {
          if (!branch) continue;
          this.visit(branch, branch.type === 'FunctionDeclaration' ? inScope(around, branch) : around);
        }
        return;
      case 'FunctionDeclaration':
        this.visitDeclaration(node, around, position);
        return;
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.visitFunction(node, around, position);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.visitClass(node, around, position);
        return;
      case 'ObjectExpression':
        this.visitLiteral(node, around, position);
        return;
      case 'ExportDefaultDeclaration': {
        const label = { path: 'default', isDirect: false };
        this.visit(node.declaration, around, { label, givenName: 'default' });
        return;
      }
      case 'VariableDeclarator':
        this.visit(node.id, around);
        if (node.init) this.visit(node.init, around, this.namedBy(node.id, around));
        return;
      case 'AssignmentExpression':
        this.markAssigned(node.left);
        this.visit(node.left, around);
        this.visit(node.right, around, this.assignedTo(node.left, node, around));
        return;
      case 'AssignmentPattern':
        this.visit(node.left, around);
        this.visit(node.right, around, this.assignedTo(node.left, node, around));
        return;
      case 'UpdateExpression':
        this.markAssigned(node.argument);
        this.visit(node.argument, around);
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        if (node.left.type !== 'VariableDeclaration') this.markAssigned(node.left);
        this.visitChildren(node, around);
        return;
      case 'ConditionalExpression':
        this.visit(node.test, around);
        this.visit(node.consequent, around, passedOn(position));
        this.visit(node.alternate, around, passedOn(position));
        return;
      case 'LogicalExpression':
      case 'SequenceExpression':
      case 'AwaitExpression':
      case 'ChainExpression':
        if (node.type === 'AwaitExpression') this.suspensions++;
        eachChild(node, (child) => {
          this.visit(child, around, passedOn(position));
        });
        return;
      case 'TaggedTemplateExpression':
        this.visit(node.tag, around, { calleeOf: position.calleeOf });
        this.visit(node.quasi, around);
        return;
      case 'ReturnStatement':
        if (node.argument) this.visit(node.argument, around, { label: around.returned });
        return;
      case 'Super':
        this.superUser.usesSuper = true;
        return;
      case 'YieldExpression':
        this.suspensions++;
        this.visitChildren(node, around);
        return;
      default:
        this.visitChildren(node, around);
    }
  }

  private visitChildren(node: AnyNode, around: Surroundings): void {
    eachChild(node, (child) => {
      this.visit(child, around);
    });
  }

  private visitDeclaration(
    node: FunctionDeclaration | AnonymousFunctionDeclaration,
    around: Surroundings,
    { label }: Position,
  ): void {
    const { scope } = around;
    const found = this.visitFunction(node, around, { label, place: { kind: 'declaration', scope: scope.node } });
    if (found === undefined || !node.id) return;
    const declared = (scope.declared ??= new Map<string, Found>());
    const earlier = declared.get(node.id.name);
    if (earlier !== undefined) markUntraceable(earlier, REPLACED);
    declared.set(node.id.name, found);
  }

  private visitFunction(node: FunctionNode, around: Surroundings, position: Position): Found | undefined {
    const { label, calleeOf, returned } = position;
    const id = node.type === 'ArrowFunctionExpression' ? undefined : (node.id ?? undefined);
    const isAsyncGenerator = node.async && node.generator;
    const isNamed = id !== undefined || label !== undefined;
    const path = pathOf(id?.name, 'function', around, label);
    const place = position.place ?? {
      kind: 'expression',
      givenName: id === undefined ? position.givenName : undefined,
      isNewCallee: calleeOf === 'new',
    };
    const found =
      position.isUnlisted !== true && (isAsyncGenerator || isNamed)
        ? this.add(node, place, path, isAsyncGenerator)
        : undefined;
    if (found !== undefined && position.reason !== undefined && id === undefined) {
      markUntraceable(found, position.reason);
    }
    // What is called where it is written has no name that anybody knows.
    const isTransparent = calleeOf === 'call' && found === undefined;
    const inside = { path: isTransparent ? around.path : path, scope: around.scope, returned };
    const visitContents = () => {
      for (const parameter of node.params) this.visit(parameter, inside);
      this.visit(node.body, inside);
    };
    if (node.type === 'FunctionExpression' && id !== undefined && found !== undefined) {
      found.ownName = this.whileNamed(id.name, visitContents);
    } else visitContents();
    return found;
  }

  /** Visits a function expression with a name, and tells whether it uses that as the name of itself. */
  private whileNamed(name: string, visitContents: () => void): string | undefined {
    const ownName = { isRead: false, isAssigned: false };
    const others = this.ownNames.get(name);
    this.ownNames.set(name, [...(others ?? []), ownName]);
    visitContents();
    if (others === undefined) this.ownNames.delete(name);
    else this.ownNames.set(name, others);
    return ownName.isRead && !ownName.isAssigned ? name : undefined;
  }

  private visitClass(node: Class, around: Surroundings, { label }: Position): void {
    const path = pathOf(node.id?.name, 'class', around, label);
    if (node.superClass) this.visit(node.superClass, around);
    const inside = { path, scope: around.scope };
    const byKey = new Map<string, Found>();
    const computed: Found[] = [];
    const suspensions = { before: this.suspensions, inKeys: 0 };
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        this.visitAsSuperUser({ usesSuper: false }, () => {
          this.visit(member, inside);
        });
        continue;
      }
      if (member.computed) {
        const before = this.suspensions;
        this.visit(member.key, around);
        suspensions.inKeys += this.suspensions - before;
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
        this.visitAsSuperUser({ usesSuper: false }, () => {
          this.visit(value, inside, position);
        });
        continue;
      }
      const found = this.visitMember(member.value, inside, {
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
    if (suspensions.inKeys === 0) return;
    for (const found of computed) markUntraceable(found, 'a computed key of its class waits for something');
  }

  private visitLiteral(literal: ObjectExpression, around: Surroundings, { label }: Position): void {
    const open: { found: Found; key: string | undefined }[] = [];
    /** A method that uses `super` is registered at the end of the literal: it must still be there. */
    const replace = (key: string | undefined, reason: string) => {
      for (const each of open) {
        if (key === undefined || each.key === key) markUntraceable(each.found, reason);
      }
    };
    for (const property of literal.properties) {
      if (property.type === 'SpreadElement') {
        this.visit(property, around);
        replace(undefined, 'it uses super, and a spread follows in its object literal');
        continue;
      }
      if (property.computed) this.visit(property.key, around);
      const key = staticKey(property);
      replace(key, key === undefined ? 'it uses super, and a computed key follows in its object literal' : REPLACED);
      const text = keyText(property);
      const isExports = label === undefined || label.isExports === true;
      const path = isExports ? innerPath(around.path, text) : memberPath(label.path, '.', text);
      const place: Place = { kind: 'property', property, literal };
      const propertyLabel = { path, isDirect: true };
      if (property.kind !== 'init' || property.method) {
        const found = this.visitMember(property.value as FunctionExpression, around, {
          label: propertyLabel,
          place,
          isUnlisted: !property.method,
          returned: property.kind === 'get' ? propertyLabel : undefined,
        });
        if (found?.usesSuper !== true) continue;
        if (property.computed && key === undefined) markUntraceable(found, 'it uses super, and its key is computed');
        open.push({ found, key });
      } else if (property.computed && isAnonymousFunction(property.value)) {
        this.visit(property.value, around, { label: propertyLabel, place });
      } else {
        const givenName = key === '__proto__' && !property.shorthand ? undefined : key;
        this.visit(property.value, around, { label: propertyLabel, givenName });
      }
    }
  }

  private visitMember(node: FunctionExpression, around: Surroundings, position: Position): Found | undefined {
    let found: Found | undefined;
    const user = { usesSuper: false };
    this.visitAsSuperUser(user, () => {
      found = this.visitFunction(node, around, position);
    });
    if (found !== undefined) (found as Found).usesSuper = user.usesSuper;
    return found;
  }

  /** `super` belongs to the method, or to the class, around it: functions inside have none of their own. */
  private visitAsSuperUser(user: { usesSuper: boolean }, visitContents: () => void): void {
    const outer = this.superUser;
    this.superUser = user;
    visitContents();
    this.superUser = outer;
  }

  private visitCall(node: CallExpression | NewExpression, around: Surroundings, position: Position): void {
    const { callee } = node;
    if (callee.type === 'Identifier' && callee.name === 'eval') this.markEvaluated();
    this.visit(callee, around, { calleeOf: node.type === 'NewExpression' ? 'new' : 'call' });
    const passed = passedOn(position);
    for (const argument of node.arguments) this.visit(argument, around, passed);
  }

  /** Code that is evaluated may use whatever is in scope. */
  private markEvaluated(): void {
    this.superUser.usesSuper = true;
    for (const ownNames of this.ownNames.values()) {
      for (const ownName of ownNames) ownName.isAssigned = true;
    }
  }

  private namedBy(target: Pattern, around: Surroundings): Position {
    if (target.type !== 'Identifier') return NOWHERE;
    return { label: { path: innerPath(around.path, target.name), isDirect: true }, givenName: target.name };
  }

  private assignedTo(target: Pattern, assignment: AnyNode, around: Surroundings): Position {
    // In parentheses a name is no name.
    const isBare = target.type === 'Identifier' && target.start === assignment.start;
    const givenName = isBare && isNaming(assignment) ? target.name : undefined;
    if (isExportsObject(target)) return { label: { path: 'default', isDirect: false, isExports: true }, givenName };
    const name = nameOf(target);
    return name === undefined ? NOWHERE : { label: { path: innerPath(around.path, name), isDirect: true }, givenName };
  }

  private markAssigned(target: AnyNode): void {
    if (this.ownNames.size === 0) return;
    if (target.type === 'Identifier') {
      for (const ownName of this.ownNames.get(target.name) ?? []) ownName.isAssigned = true;
    } else if (target.type !== 'MemberExpression') {
      eachChild(target, (child) => {
        this.markAssigned(child);
      });
    }
  }

  private add(node: FunctionNode, place: Place, path: string, isAsyncGenerator: boolean): Found {
    const whole = place.kind === 'property' ? place.property : place.kind === 'method' ? place.method : node;
    const { line, column } = this.lines.positionOf(whole.start);
    const definition = { path, isAsyncGenerator, line: line + 1, column: column + 1, isTraceable: true };
    const found = { node, place, definition, ownName: undefined, usesSuper: false };
    this.found.push(found);
    return found;
  }
}

function inScope(around: Surroundings, node: ScopeNode): Surroundings {
  return { path: around.path, scope: { node }, returned: around.returned };
}

/** What a call, a conditional or the like hands on to its parts. */
function passedOn({ label }: Position): Position {
  return label === undefined ? NOWHERE : { label: { ...label, isDirect: false } };
}

function pathOf(ownName: string | undefined, fallback: string, around: Surroundings, label?: Label): string {
  if (label !== undefined && (label.isDirect || ownName === undefined)) return label.path;
  return innerPath(around.path, ownName ?? fallback);
}

function isNaming(assignment: AnyNode): boolean {
  return assignment.type !== 'AssignmentExpression' || ['=', '&&=', '||=', '??='].includes(assignment.operator);
}

function isAnonymousFunction(node: AnyNode): boolean {
  return node.type === 'ArrowFunctionExpression' || (node.type === 'FunctionExpression' && !node.id);
}

function markUntraceable({ definition }: Found, reason: string): void {
  definition.isTraceable = false;
  definition.reason = reason;
}

/**
 * Parses a source and collects its definitions, in the order of the source.
 *
 * @throws {SyntaxError} if it cannot be parsed
 */
export function collect(source: string, sourceType: SourceType): Found[] {
  const program = parse(source, sourceType);
  const collector = new Collector(source);
  collector.visit(program, { path: '', scope: { node: program } });
  return collector.found;
}
