/**
 * Presets: named lists of targets for packages that many programs use. How to add one is in CONTRIBUTING.md.
 */
import type { PresetName } from '../types';
import { awsSdk } from './aws';
import { googleGenai } from './google';
import { langchain } from './langchain';
import { ollama } from './ollama';
import type { OwnPreset } from './preset';
import { anthropic, openai } from './stainless';

/** Node's own functions that return an async generator, or what is iterated like one. `for await` over a `readline` interface uses `events.on`. */
const node: OwnPreset = {
  name: 'node',
  traces: "Node's own: timers/promises.setInterval, events.on and fs/promises.watch",
  spans: 'events.on',
  targets: [
    { module: 'timers/promises', exports: ['setInterval'], spanName: 'timers/promises.setInterval' },
    { module: 'events', exports: ['on'], spanName: 'events.on' },
    { module: 'fs/promises', exports: ['watch'], spanName: 'fs/promises.watch' },
  ],
};

export const PRESETS: Readonly<Record<PresetName, OwnPreset>> = {
  anthropic,
  'aws-sdk': awsSdk,
  'google-genai': googleGenai,
  langchain,
  node,
  ollama,
  openai,
};

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
