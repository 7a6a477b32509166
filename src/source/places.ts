/** What is known of a function that a source defines: its name, where it is written, and what its code uses. */
import type {
  AnonymousFunctionDeclaration,
  AnyNode,
  ArrowFunctionExpression,
  Class,
  FunctionDeclaration,
  FunctionExpression,
  MethodDefinition,
  ObjectExpression,
  Property,
} from 'acorn';
import { eachChild } from './parse';

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

export const REPLACED = 'another definition of the same name replaces it';

export function markUntraceable({ definition }: Found, reason: string): void {
  definition.isTraceable = false;
  definition.reason = reason;
}

/** What one function expression does with its own name. */
interface OwnName {
  isRead: boolean;
  isAssigned: boolean;
}

/** What code uses that decides how the functions around it can be registered: their own names, `super`, and whether it waits for something. */
export class Usage {
  /** How many `yield` and `await` there were. */
  suspensions = 0;
  /** Of the function expressions that the walk is in. */
  private readonly ownNames = new Map<string, OwnName[]>();
  private usesSuper = false;

  read(name: string): void {
    if (this.ownNames.size === 0) return;
    for (const ownName of this.ownNames.get(name) ?? []) ownName.isRead = true;
  }

  assign(target: AnyNode): void {
    if (this.ownNames.size === 0) return;
    if (target.type === 'Identifier') {
      for (const ownName of this.ownNames.get(target.name) ?? []) ownName.isAssigned = true;
    } else if (target.type !== 'MemberExpression') {
      eachChild(target, (child) => {
        this.assign(child);
      });
    }
  }

  super(): void {
    this.usesSuper = true;
  }

  /** Code that is evaluated may use whatever is in scope. */
  evaluate(): void {
    this.usesSuper = true;
    for (const ownNames of this.ownNames.values()) {
      for (const ownName of ownNames) ownName.isAssigned = true;
    }
  }

  /**
   * Visits a function expression with a name.
   *
   * @returns whether it refers to itself by that name, and may: nothing assigns it
   */
  ofOwnName(name: string, visit: () => void): boolean {
    const ownName = { isRead: false, isAssigned: false };
    const others = this.ownNames.get(name);
    this.ownNames.set(name, [...(others ?? []), ownName]);
    visit();
    if (others === undefined) this.ownNames.delete(name);
    else this.ownNames.set(name, others);
    return ownName.isRead && !ownName.isAssigned;
  }

  /**
   * Visits what has a `super` of its own: a method, the value of a class field, or a static block. Functions inside have none.
   *
   * @returns whether it uses it
   */
  ofSuper(visit: () => void): boolean {
    const outer = this.usesSuper;
    this.usesSuper = false;
    visit();
    const { usesSuper } = this;
    this.usesSuper = outer;
    return usesSuper;
  }
}
