import type { ErrorClassifier } from '../trace/plan';
import type { TargetConfig } from '../types';

/** A target of a preset. What it has beside a target of the user's is knowledge of the package. */
export interface PresetTarget extends TargetConfig {
  /** Tells the package's own errors apart, where the user's `classifyError` does not decide. */
  readonly classifyError?: ErrorClassifier;
  /** Methods that close what its functions return, beside `Symbol.asyncDispose`; also further down: `controller.abort`. */
  readonly closeMembers?: readonly string[];
}
