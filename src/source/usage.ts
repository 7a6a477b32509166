/** What code uses that decides how the functions around it can be registered: their own names, `super`, and whether it waits for something. */
import type { AnyNode } from 'acorn';
import { eachChild } from './parse';

/** What one function expression does with its own name. */
interface OwnName {
  isRead: boolean;
  isAssigned: boolean;
}

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
