/**
 * Presets: named lists of targets for packages that many programs use. How to add one is in CONTRIBUTING.md.
 */
import * as fs from 'node:fs/promises';
import type { PresetName } from '../types';
import { anthropic } from './anthropic';
import { awsSdk } from './aws';
import { azure } from './azure';
import { bedrock } from './bedrock';
import { claudeAgentSdk } from './claude-agent-sdk';
import { cerebras, groq, together } from './chat-clients';
import { cohere } from './cohere';
import { graphql, kafka, mongodb, pg, postgres, redis } from './data';
import { elevenlabs } from './elevenlabs';
import { googleGenai } from './google';
import { huggingface } from './huggingface';
import { langchain } from './langchain';
import { mcp } from './mcp';
import { mistral } from './mistral';
import { ollama } from './ollama';
import { openai } from './openai';
import { openaiAgents } from './openai-agents';
import { googleCloud, got, notion, octokit, slack, stripe } from './paginators';
import type { OwnPreset } from './preset';
import { connect, trpc } from './rpc';
import { vercelAi } from './vercel-ai';

/** Node's own functions that return an async generator, or what is iterated like one. `for await` over a `readline` interface uses `events.on`. */
const node: OwnPreset = {
  name: 'node',
  traces:
    "Node's own: timers/promises.setInterval, events.on, fs/promises.watch and (from Node 22 on) fs/promises.glob",
  spans: 'events.on',
  targets: [
    { module: 'timers/promises', exports: ['setInterval'], spanName: 'timers/promises.setInterval' },
    { module: 'events', exports: ['on'], spanName: 'events.on' },
    {
      module: 'fs/promises',
      // Node 20 has no glob, and a target that names it would be reported.
      exports: ['watch', 'glob'].filter((name) => name in fs),
      spanName: ({ exportPath }) => `fs/promises.${exportPath}`,
    },
  ],
};

export const PRESETS: Readonly<Record<PresetName, OwnPreset>> = {
  anthropic,
  'aws-sdk': awsSdk,
  azure,
  bedrock,
  cerebras,
  'claude-agent-sdk': claudeAgentSdk,
  cohere,
  connect,
  elevenlabs,
  'google-cloud': googleCloud,
  'google-genai': googleGenai,
  got,
  graphql,
  groq,
  huggingface,
  kafka,
  langchain,
  mcp,
  mistral,
  mongodb,
  node,
  notion,
  octokit,
  ollama,
  openai,
  'openai-agents': openaiAgents,
  pg,
  postgres,
  redis,
  slack,
  stripe,
  together,
  trpc,
  'vercel-ai': vercelAi,
};

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
