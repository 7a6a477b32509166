/** Finds the functions that a source defines: what they are called, where they are written, and whether they can be registered there. */
import type {
  AnonymousFunctionDeclaration,
  AnyNode,
  AssignmentExpression,
  AssignmentPattern,
  CallExpression,
  FunctionDeclaration,
  NewExpression,
} from 'acorn';
import { Lines } from './text';
import { asNodeDoes, eachChild, parse, type SourceType } from './parse';
import { visitClass, visitLiteral } from './members';
import { innerPath, labelOf, passedOn, pathOf, type Label } from './paths';
import {
  markUntraceable,
  REPLACED,
  type Definition,
  type Found,
  type FunctionNode,
  type Place,
  type ScopeNode,
  Usage,
} from './places';

export interface Position {
  readonly label?: Label;
  readonly givenName?: string;
  readonly calleeOf?: 'call' | 'new';
  /** Set where a function is not an expression, but a member of something, or a declaration. */
  readonly place?: Place;
  /** Why it can't be registered there. */
  readonly reason?: string;
  /** Whether it can't be named: constructors and accessors. */
  readonly isUnlisted?: boolean;
  /** What a function that it returns is called. */
  readonly returned?: Label;
}

interface Scope {
  readonly node: ScopeNode;
  /** Most have none. */
  declared?: Map<string, Found>;
}

export interface Surroundings {
  readonly path: string;
  readonly scope: Scope;
  readonly returned?: Label;
}

const NOWHERE: Position = {};

/** One walk over a parsed source. */
export class Finder {
  readonly found: Found[] = [];
  readonly usage = new Usage();
  private readonly lines: Lines;

  constructor(source: string) {
    this.lines = new Lines(source);
  }

  visit(node: AnyNode, around: Surroundings, position: Position = NOWHERE): void {
    switch (node.type) {
      // First what there is most of, since one is compared after the other.
      case 'Identifier':
        this.usage.read(node.name);
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
      case 'ExpressionStatement':
        this.visit(node.expression, around);
        return;
      case 'BlockStatement':
      case 'StaticBlock':
      case 'Program': {
        const inside = inScope(around, node);
        for (const statement of node.body) this.visit(statement, inside);
        return;
      }
      case 'VariableDeclaration':
        for (const declarator of node.declarations) this.visit(declarator, around);
        return;
      case 'VariableDeclarator': {
        const { id, init } = node;
        this.visit(id, around);
        if (!init) return;
        const label = id.type === 'Identifier' ? { path: innerPath(around.path, id.name), isDirect: true } : undefined;
        this.visit(init, around, { label, givenName: id.type === 'Identifier' ? id.name : undefined });
        return;
      }
      case 'ReturnStatement':
        if (node.argument) this.visit(node.argument, around, { label: around.returned });
        return;
      case 'BinaryExpression':
        this.visit(node.left, around);
        this.visit(node.right, around);
        return;
      case 'AssignmentExpression':
        this.usage.assign(node.left);
        this.visitAssignment(node, around);
        return;
      case 'AssignmentPattern':
        this.visitAssignment(node, around);
        return;
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
        visitClass(this, node, around, position);
        return;
      case 'ObjectExpression':
        visitLiteral(this, node, around, position);
        return;
      case 'ExportDefaultDeclaration':
        this.visit(node.declaration, around, { label: { path: 'default', isDirect: false }, givenName: 'default' });
        return;
      case 'SwitchStatement': {
        this.visit(node.discriminant, around);
        const inside = inScope(around, node);
        for (const each of node.cases) this.visit(each, inside);
        return;
      }
      case 'UpdateExpression':
        this.usage.assign(node.argument);
        this.visit(node.argument, around);
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        if (node.left.type !== 'VariableDeclaration') this.usage.assign(node.left);
        this.visitChildren(node, around);
        return;
      case 'ConditionalExpression':
        this.visit(node.test, around);
        this.visit(node.consequent, around, handedOn(position));
        this.visit(node.alternate, around, handedOn(position));
        return;
      case 'LogicalExpression':
      case 'SequenceExpression':
      case 'AwaitExpression':
      case 'ChainExpression':
        if (node.type === 'AwaitExpression') this.usage.suspensions++;
        this.visitChildren(node, around, handedOn(position));
        return;
      case 'TaggedTemplateExpression':
        this.visit(node.tag, around, { calleeOf: position.calleeOf });
        this.visit(node.quasi, around);
        return;
      case 'Super':
        this.usage.super();
        return;
      case 'YieldExpression':
        this.usage.suspensions++;
        this.visitChildren(node, around);
        return;
      default:
        this.visitChildren(node, around);
    }
  }

  private visitChildren(node: AnyNode, around: Surroundings, position?: Position): void {
    eachChild(node, (child) => {
      this.visit(child, around, position);
    });
  }

  private visitAssignment(node: AssignmentExpression | AssignmentPattern, around: Surroundings): void {
    const { left: target } = node;
    this.visit(target, around);
    // A name in parentheses names nothing.
    const isNamed = target.type === 'Identifier' && target.start === node.start && isNaming(node);
    this.visit(node.right, around, {
      label: labelOf(target, around.path),
      givenName: isNamed ? target.name : undefined,
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

  visitFunction(node: FunctionNode, around: Surroundings, position: Position): Found | undefined {
    const { label, calleeOf, returned } = position;
    const id = node.type === 'ArrowFunctionExpression' ? undefined : (node.id ?? undefined);
    const isAsyncGenerator = node.async && node.generator;
    const isNamed = id !== undefined || label !== undefined;
    const path = pathOf(label, around.path, id?.name, 'function');
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
    // What is called where it is written has no name for others.
    const isTransparent = calleeOf === 'call' && found === undefined;
    const inside = { path: isTransparent ? around.path : path, scope: around.scope, returned };
    const visitContents = () => {
      for (const parameter of node.params) this.visit(parameter, inside);
      this.visit(node.body, inside);
    };
    if (node.type === 'FunctionExpression' && id !== undefined && found !== undefined) {
      if (this.usage.ofOwnName(id.name, visitContents)) found.ownName = id.name;
    } else visitContents();
    return found;
  }

  private visitCall(node: CallExpression | NewExpression, around: Surroundings, position: Position): void {
    const { callee } = node;
    if (callee.type === 'Identifier' && callee.name === 'eval') this.usage.evaluate();
    this.visit(callee, around, { calleeOf: node.type === 'NewExpression' ? 'new' : 'call' });
    const passed = handedOn(position);
    for (const argument of node.arguments) this.visit(argument, around, passed);
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

/** The position of a part that a call, a conditional or the like hands on. */
function handedOn({ label }: Position): Position {
  return label === undefined ? NOWHERE : { label: passedOn(label) };
}

/** Whether the language names a function after the variable that it is assigned to. */
function isNaming(assignment: AssignmentExpression | AssignmentPattern): boolean {
  return assignment.type !== 'AssignmentExpression' || ['=', '&&=', '||=', '??='].includes(assignment.operator);
}

/**
 * Parses a source and finds its definitions, in the order of the source.
 *
 * @throws {SyntaxError} if it cannot be parsed
 */
export function findPlaces(source: string, sourceType: SourceType): Found[] {
  const program = parse(source, sourceType);
  const finder = new Finder(source);
  finder.visit(program, { path: '', scope: { node: program } });
  return finder.found;
}

/**
 * The functions that a source defines: its async generators, and all others that have a name to select them by.
 *
 * @param sourceType if it is known
 * @throws {SyntaxError} if it cannot be parsed
 * @example
 * findDefinitions('class Client { async *pages() {} }', 'module'); // [{ path: 'Client#pages', line: 1, column: 16, … }]
 */
export function findDefinitions(source: string, sourceType?: SourceType): Definition[] {
  const find = (type: SourceType) => findPlaces(source, type).map(({ definition }) => definition);
  return sourceType === undefined ? asNodeDoes(find) : find(sourceType);
}
