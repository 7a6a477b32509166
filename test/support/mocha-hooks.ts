/**
 * Root hooks of this project's own tests, for `require` in .mocharc: span snapshots of our own spans. Not the check for
 * leaks: what becomes of a run that is left open is what many tests are about.
 */
import { createMochaHooks } from '../../src/testing';

export const mochaHooks = createMochaHooks({ leaks: false });
