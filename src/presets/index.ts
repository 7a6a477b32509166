/**
 * Presets: named lists of targets for what many programs use. One file each, plain data; how to add one stands in
 * CONTRIBUTING.md.
 */
import type { PresetName } from '../types';
import { anthropic } from './anthropic';
import { awsSdk } from './aws-sdk';
import { googleGenai } from './google-genai';
import { langchain } from './langchain';
import { node } from './node';
import { openai } from './openai';
import type { PresetTarget } from './preset-target';

export const PRESETS: Readonly<Record<PresetName, readonly PresetTarget[]>> = {
  anthropic,
  'aws-sdk': awsSdk,
  'google-genai': googleGenai,
  langchain,
  node,
  openai,
};

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
