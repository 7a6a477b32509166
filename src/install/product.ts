/**
 * What a factory selector asks for, and what has become of it.
 */
import type { AnyFunction } from '../base/intrinsics';
import { namedKey, type FactorySelector } from '../targets/selector';
import type { Target } from '../targets/target';
import type { Tracing } from '../trace/record';
import type { Claim } from './claim';
import type { FactoryProduct } from './factory';
import { kindOf } from './select';

export interface ProductOptions {
  tracingOf(claim: Claim): Tracing;
  trace(fn: AnyFunction, claim: Claim, factoryArgs?: readonly unknown[]): AnyFunction;
  failed(claim: Claim, reason: string): void;
  /** What was said to have failed has not. */
  recovered(claim: Claim, reason: string): void;
}

export class ClaimedProduct implements FactoryProduct {
  readonly selector: FactorySelector;
  readonly isOfWildcard: boolean;
  private knownTracing: Tracing | undefined;
  private isFound = false;
  /** By member that the wildcard has taken. */
  private readonly members = new Map<string, ClaimedProduct>();
  private readonly absences: string[] = [];

  constructor(
    private readonly claim: Claim,
    selector: FactorySelector,
    private readonly options: ProductOptions,
    /** That of the wildcard which has taken the member. */
    private readonly wildcard?: ClaimedProduct,
  ) {
    this.selector = selector;
    this.isOfWildcard = wildcard !== undefined;
  }

  ofMember(key: string): ClaimedProduct {
    let member = this.members.get(key);
    if (member === undefined) {
      const { claim, options, selector } = this;
      const factory = { ...selector, path: [...selector.path.slice(0, -1), namedKey(key)] };
      // Its runs are called after the member.
      const ofMember = { ...claim, selector: { ...claim.selector, factory } };
      this.members.set(key, (member = new ClaimedProduct(ofMember, factory, options, this)));
    }
    return member;
  }

  get target(): Target {
    return this.claim.target;
  }

  get tracing(): Tracing {
    return (this.knownTracing ??= this.options.tracingOf(this.claim));
  }

  trace(fn: AnyFunction, factoryArgs?: readonly unknown[]): AnyFunction {
    return this.options.trace(fn, this.claim, factoryArgs);
  }

  found(): void {
    this.wildcard?.found();
    if (this.isFound) return;
    this.isFound = true;
    for (const reason of this.absences.splice(0)) this.options.recovered(this.claim, reason);
  }

  failed(reason: string): void {
    // The report knows selectors as they are written.
    if (this.wildcard !== undefined) this.wildcard.failed(reason);
    else this.options.failed(this.claim, reason);
  }

  /** Of many results some have it (an answer that is not a stream, say). If none has, the selector may be wrong; a preset's is not. */
  missing(reason: string): void {
    if (this.isFound || this.claim.target.preset !== undefined || this.absences.includes(reason)) return;
    this.absences.push(reason);
    this.failed(reason);
  }

  unsuitable(value: unknown): void {
    const isUnset = value === undefined || value === null;
    if (isUnset && this.absences.length > 0) return;
    this.missing(`what it names is ${kindOf(value)}, neither a function nor a stream`);
  }
}
