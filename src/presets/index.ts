/**
 * Presets: named lists of targets for what many programs use. One file each, plain data; how to add one stands in
 * CONTRIBUTING.md.
 */
import type { PresetName, TargetConfig } from '../types';
import { awsSdk } from './aws-sdk';
import { node } from './node';

export const PRESETS: Readonly<Record<PresetName, readonly TargetConfig[]>> = {
  'aws-sdk': awsSdk,
  node,
};

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
