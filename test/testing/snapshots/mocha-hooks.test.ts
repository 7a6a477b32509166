import { expect } from 'chai';
import { createMochaHooks } from '../../../src/testing';

describe('createMochaHooks', () => {
  /** Options as a program without types may write them; how the message begins. */
  const refused: [options: unknown, message: string][] = [
    [{ leak: false }, 'leak: unknown key; did you mean leaks? The keys are leaks, leakTimeoutMs'],
    [{ leaks: 'no' }, "leaks: 'no' is not allowed; expected true or false"],
    [{ leakTimeoutMs: -1 }, 'leakTimeoutMs: -1 is not allowed; expected a number of milliseconds'],
    [false, 'options: false is not allowed; expected an object'],
    [null, 'options: null is not allowed; expected an object'],
  ];
  for (const [options, message] of refused) {
    it(`refuses a mistake: ${message}`, () => {
      expect(() => createMochaHooks(options as object)).to.throw(TypeError, message);
    });
  }
});
