/** What the span of a run says of the model, where a preset reads these chunks. */
import type { Attributes } from '@opentelemetry/api';
import type { GenAiReader } from '../../../src/telemetry/gen-ai/reader';
import type { OwnPreset } from '../../../src/presets/preset';
import { drain, traceWithPlan } from '../../trace/helpers';
import type { TestTracing } from '../../support/tracing';

const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

export interface Reading {
  readonly name: string;
  /** Those of `gen_ai.*` and `server.*`; messages are parsed. */
  readonly attributes: Attributes & Record<`gen_ai.${'input' | 'output'}.messages`, Message[]>;
}

interface Message {
  readonly role: string;
  readonly parts: readonly Record<string, unknown>[];
}

interface Call {
  readonly args: readonly unknown[];
  readonly thisArg?: unknown;
  /** What the client yields; a call that has none gives `value`. */
  readonly chunks?: readonly unknown[];
  readonly value?: unknown;
}

/** @param spanName that of the target whose reader it is */
export function readerOf(preset: OwnPreset, spanName: string): GenAiReader {
  const genAi = preset.targets.find((target) => target.spanName === spanName)?.genAi;
  if (genAi === undefined) throw new Error(`${preset.name} reads nothing of ${spanName}`);
  return genAi;
}

/** With prompts and answers recorded. */
export async function readWith(genAi: GenAiReader, call: Call, tracing: TestTracing): Promise<Reading> {
  const before = process.env[CAPTURE];
  process.env[CAPTURE] = 'true';
  try {
    const { chunks } = call;
    if (chunks === undefined) {
      await traceWithPlan(async (..._args: unknown[]) => call.value, { genAi }).apply(call.thisArg, [...call.args]);
    } else {
      const ask = async function* (..._args: unknown[]) {
        yield* chunks;
      };
      await drain(traceWithPlan(ask, { genAi }).apply(call.thisArg, [...call.args]));
    }
  } finally {
    if (before === undefined) delete process.env[CAPTURE];
    else process.env[CAPTURE] = before;
  }
  const { name, attributes } = tracing.onlySpan();
  const told = Object.entries(attributes).filter(
    ([key]) => /^(gen_ai|server)\./.test(key) && key !== 'gen_ai.response.time_to_first_chunk',
  );
  return {
    name,
    attributes: Object.fromEntries(
      told.map(([key, value]) => [key, /(messages|instructions)$/.test(key) ? JSON.parse(String(value)) : value]),
    ) as Reading['attributes'],
  };
}
