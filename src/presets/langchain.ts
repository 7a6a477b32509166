/**
 * The streams of LangChain's runnables: chains, models, parsers. Those named here make one themselves, all others
 * inherit that of Runnable.
 */
import { classNameOf, isObjectLike } from '../base/intrinsics';
import type { GeneratorCall } from '../types';
import type { PresetTarget } from './preset-target';

// RunnableBinding and RouterRunnable hand out what the stream of another one gives, which is traced.
const RUNNABLES = ['Runnable', 'RunnableLambda', 'RunnableMap', 'RunnableAssign', 'RunnablePick'];

export const langchain: readonly PresetTarget[] = [
  {
    module: '@langchain/core/runnables',
    exports: RUNNABLES.map((name) => `${name}#stream`),
    closeMembers: ['cancel'],
    spanName: nameOfRunnable,
    shouldTrace: ({ thisArg }) => !isGraph(thisArg),
  },
  {
    module: '@langchain/langgraph',
    versions: '>=0.2.0',
    exports: ['CompiledStateGraph#stream'],
    closeMembers: ['cancel'],
    spanName: nameOfRunnable,
  },
];

/**
 * A graph of LangGraph has a `stream` of its own, which reads that of Runnable by a reader: a run of that one would have no
 * span, and be the parent of what the nodes do.
 */
function isGraph(runnable: unknown): boolean {
  for (let at = runnable; isObjectLike(at); at = Object.getPrototypeOf(at) as unknown) {
    if (classNameOf(at) === 'Pregel') return true;
  }
  return false;
}

/** `RunnableSequence.stream`: the class of the runnable says more than where its `stream` is inherited from. */
function nameOfRunnable({ exportPath, thisArg }: GeneratorCall): string {
  const name = isObjectLike(thisArg) ? classNameOf(thisArg) : undefined;
  return typeof name === 'string' && name !== '' ? `${name}.stream` : exportPath;
}
