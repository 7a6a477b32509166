import { expect } from 'chai';
import { presetsOf } from '../../../src/cli/inspect';

describe('the presets that are made for a module', () => {
  for (const [module, version, presets] of [
    ['openai', '6.0.0', ['openai']],
    ['openai', '3.0.0', []],
    ['@anthropic-ai/sdk', '0.60.0', ['anthropic']],
    ['@anthropic-ai/sdk', '0.10.0', []],
    ['@langchain/core/runnables', '1.4.0', ['langchain']],
    ['@langchain/core', '1.4.0', []],
    ['node:timers/promises', undefined, ['node']],
    ['timers/promises', undefined, ['node']],
    ['openai', undefined, []],
    ['./openai', undefined, []],
    ['@smithy/core', '3.0.0', ['aws-sdk']],
    ['@aws-sdk/client-s3', '3.1169.0', ['aws-sdk']],
    ['@aws-sdk/client-s3', '3.400.0', []],
    ['@aws-sdk/client-s3/dist-cjs/index.js', '3.1169.0', []],
  ] as const) {
    it(`${module} ${version ?? 'without a version'}: ${presets.join() || 'none'}`, () => {
      expect(presetsOf(module, version)).to.deep.equal(presets);
    });
  }
});
