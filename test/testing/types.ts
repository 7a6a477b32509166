/** Compiled, not run: what users write has to be what the types say. */
import * as chai from 'chai';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import {
  createMochaHooks,
  formatSpans,
  mochaHooks,
  SpanRecorder,
  spanSerializer,
  spanSnapshots,
  spansToJSON,
} from '../../src/testing';

export async function assertions(recorder: SpanRecorder): Promise<void> {
  const { expect } = chai.use(spanSnapshots);
  await expect(recorder).to.matchSpanSnapshot();
  await expect(recorder.finished()).to.matchSpanSnapshot('name');
  await expect(recorder).to.matchInlineSpanSnapshot(`text`);
  expect(recorder).to.have.noOpenSpans();
}

export function spans(recorder: SpanRecorder, readable: ReadableSpan[]): string {
  const processor: SpanProcessor = recorder.spanProcessor;
  const [first] = recorder.finished();
  const attribute = first?.attributes['a'];
  const [[root] = []] = spansToJSON(readable, { include: ['*.version'], redact: { a: (value) => String(value) } });
  return formatSpans([...readable, ...recorder.open()]) + String(attribute) + root?.name + String(processor);
}

// As Vitest and Jest have it.
interface Serializer {
  test(value: unknown): boolean;
  serialize(
    value: unknown,
    config: object,
    indentation: string,
    depth: number,
    refs: unknown[],
    printer: () => string,
  ): string;
}
export const serializer: Serializer = spanSerializer;
export const hooks: Mocha.RootHookObject[] = [mochaHooks, createMochaHooks({ leaks: false, leakTimeoutMs: 1 })];
