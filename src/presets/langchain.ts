import { classNameOf, isObjectLike } from '../base/intrinsics';
import type { GeneratorCall } from '../types';
import { chatModel } from './langchain-chat';
import { classOf, type OwnPreset } from './preset';

/**
 * These make a stream themselves; all other runnables (chains, models, parsers) inherit that of Runnable. RunnableBinding and RouterRunnable
 * return the stream of another one, which is traced.
 */
const RUNNABLES = ['Runnable', 'RunnableLambda', 'RunnableMap', 'RunnableAssign', 'RunnablePick'];

export const langchain: OwnPreset = {
  name: 'langchain',
  traces: "the streams of runnables (chat models, chains), and of LangGraph's graphs",
  spans: 'RunnableSequence.stream',
  targets: [
    {
      module: '@langchain/core/runnables',
      exports: RUNNABLES.map((name) => `${name}#stream`),
      closeMembers: ['cancel'],
      spanName: nameOfRunnable,
      shouldTrace: ({ thisArg }) => !isGraph(thisArg),
      genAi: chatModel,
    },
    {
      module: '@langchain/langgraph',
      versions: '>=0.2.0',
      exports: ['CompiledStateGraph#stream'],
      closeMembers: ['cancel'],
      spanName: nameOfRunnable,
    },
  ],
};

/**
 * A graph of LangGraph has a `stream` of its own, which reads that of Runnable with a reader. A run of Runnable's would get no
 * span, and be the parent of what the nodes do.
 */
function isGraph(runnable: unknown): boolean {
  for (let at = runnable; isObjectLike(at); at = Object.getPrototypeOf(at) as unknown) {
    if (classNameOf(at) === 'Pregel') return true;
  }
  return false;
}

/** `RunnableSequence.stream`: the class of the runnable says more than the class that it inherits `stream` from. */
function nameOfRunnable({ exportPath, thisArg }: GeneratorCall): string {
  const name = classOf(thisArg);
  return name === undefined ? exportPath : `${name}.stream`;
}
