/**
 * What a factory selector asks for, and what has become of it.
 */
import type { AnyFunction } from '../base/intrinsics';
import type { FactorySelector } from '../targets/selector';
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
  private knownTracing: Tracing | undefined;
  private isFound = false;
  private readonly absences: string[] = [];

  constructor(
    private readonly claim: Claim,
    selector: FactorySelector,
    private readonly options: ProductOptions,
  ) {
    this.selector = selector;
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
    if (this.isFound) return;
    this.isFound = true;
    for (const reason of this.absences.splice(0)) this.options.recovered(this.claim, reason);
  }

  failed(reason: string): void {
    this.options.failed(this.claim, reason);
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
