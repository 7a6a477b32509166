/** What is known of a function that a source defines: how it is called, and where it is written. */
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
