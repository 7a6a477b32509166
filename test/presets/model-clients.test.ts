import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { langchain } from '../../src/presets/langchain';
import { anthropic } from '../../src/presets/anthropic';
import { together } from '../../src/presets/chat-clients';
import { openai } from '../../src/presets/openai';
import { classifyApiError } from '../../src/presets/stainless';
import { isInRange } from '../../src/targets/packages';
import type { GeneratorCall, RunHooks } from '../../src/types';
import { drain, rejectionOf, traceWithPlan } from '../trace/helpers';
import { useTracing } from '../support/tracing';

describe('the spans of the langchain preset', () => {
  const nameFor = (thisArg: unknown) => {
    const spanName = langchain.targets[0]?.spanName as (call: GeneratorCall) => string;
    return spanName({ exportPath: 'Runnable.stream', thisArg } as GeneratorCall);
  };

  it('are named for the class of the runnable', () => {
    class RunnableSequence {}
    expect(nameFor(new RunnableSequence())).to.equal('RunnableSequence.stream');
  });

  it('are named for the export where the class has no name', () => {
    for (const thisArg of [undefined, null, Object.create(null), new (class {})(), { constructor: 'Chain' }]) {
      expect(nameFor(thisArg)).to.equal('Runnable.stream');
    }
  });
});

describe('the runnables of the langchain preset', () => {
  const isTraced = (thisArg: unknown) => langchain.targets[0]?.shouldTrace?.({ thisArg } as GeneratorCall);

  it('are all but the graphs of LangGraph, whose own stream is traced', () => {
    class Runnable {}
    class Pregel extends Runnable {}
    class CompiledStateGraph extends Pregel {}
    expect([new Runnable(), new Pregel(), new CompiledStateGraph()].map(isTraced)).to.deep.equal([true, false, false]);
  });

  it('may be anything', () => {
    for (const odd of [undefined, null, 'text', Object.create(null), { constructor: undefined }]) {
      expect(isTraced(odd)).to.equal(true);
    }
  });
});

describe('the versions of the anthropic preset', () => {
  // As found in them: where a version lacks what a target names, the program gets a warning.
  const MADE_BY: Record<string, readonly string[]> = {
    '0.10.0': [],
    '0.14.0': ['Anthropic.Messages#create'],
    '0.20.0': ['Anthropic.Messages#create'],
    '0.28.0': ['Anthropic.Messages#create'],
    '0.29.0': ['Anthropic.Messages#create', 'Anthropic.Beta.Messages#create'],
    '0.133.0': ['Anthropic.Messages#create', 'Anthropic.Beta.Messages#create'],
    '1.14.0': ['Anthropic.Messages#create', 'Anthropic.Beta.Messages#create'],
  };
  for (const [version, exports] of Object.entries(MADE_BY)) {
    it(`name what ${version} has to trace`, () => {
      // A helper's file is there or is not: nothing is said of one that is not loaded.
      const traced = anthropic.targets.filter(({ leavingSignal }) => leavingSignal === undefined);
      const named = traced.filter(({ versions = '*' }) => isInRange(version, versions));
      expect(named.flatMap((target) => target.exports)).to.deep.equal(exports);
    });
  }
});

describe('the errors of the openai and anthropic presets', () => {
  const tracing = useTracing();

  class APIUserAbortError extends Error {}
  const abort = new APIUserAbortError('Request was aborted.');

  it('are those of the caller where it has aborted the request', () => {
    expect(classifyApiError(abort)).to.equal('aborted');
  });

  it('are left to the default else', () => {
    for (const error of [new Error('refused'), new TypeError('refused'), undefined, 'APIUserAbortError']) {
      expect(classifyApiError(error)).to.equal(undefined);
    }
  });

  // What it threw would be reported as of a hook, which the user may not have.
  it('are left to the default where they cannot be read', () => {
    const trap = () => {
      throw new Error('read');
    };
    const unreadable = new Proxy(new Error('refused'), { get: trap, getPrototypeOf: trap });
    for (const error of [Object.assign(new Error('refused'), { constructor: undefined }), unreadable]) {
      expect(classifyApiError(error)).to.equal(undefined);
    }
  });

  it('are those of another realm, too: of a test runner, say', () => {
    const foreign: unknown = runInNewContext(`new (class APIUserAbortError extends Error {})()`);
    expect(classifyApiError(foreign)).to.equal('aborted');
  });

  /** Fails with an abort, as a function of the preset beside this hook of the user's. */
  function withPreset(classifyError: RunHooks['classifyError']): () => AsyncGenerator<number> {
    const failing = async function* (): AsyncGenerator<number> {
      throw abort;
    };
    const hooks = classifyError === undefined ? [] : [classifyError];
    return traceWithPlan(failing, { classifyError: [...hooks, classifyApiError] });
  }

  async function outcomeWith(classifyError: RunHooks['classifyError']): Promise<unknown> {
    expect(await rejectionOf(drain(withPreset(classifyError)()))).to.equal(abort);
    return tracing.onlySpan().attributes['async_generator.outcome'];
  }

  it('are classified by the preset', async () => {
    expect(await outcomeWith(undefined)).to.equal('aborted');
  });

  it('are classified by the user first', async () => {
    expect(await outcomeWith(() => 'failed')).to.equal('failed');
  });

  it('are classified by the preset where the user does not decide', async () => {
    expect(await outcomeWith(() => undefined)).to.equal('aborted');
  });

  it('are classified by the preset where the hook of the user throws', async () => {
    const hook = () => {
      throw new Error('hook');
    };
    expect(await outcomeWith(hook)).to.equal('aborted');
  });

  it('are failures of what is traced by hand, which knows no preset', async () => {
    const failing = traceAsyncGenerator(async function* (): AsyncGenerator<number> {
      throw new APIUserAbortError('Request was aborted.');
    });
    await rejectionOf(drain(failing()));
    expect(tracing.onlySpan().attributes['async_generator.outcome']).to.equal('failed');
  });

  for (const [what, classifyError, outcome] of [
    ['are aborts of the runs that they pass through, too', undefined, 'aborted'],
    ['are what the user says in the runs that they pass through', () => 'failed' as const, 'failed'],
  ] as const) {
    it(what, async () => {
      const inner = withPreset(undefined);
      const outer = traceAsyncGenerator(
        async function* () {
          yield* inner();
        },
        { classifyError },
      );
      await rejectionOf(drain(outer()));
      expect(tracing.spans().map(({ attributes }) => attributes['async_generator.outcome'])).to.deep.equal([
        'aborted',
        outcome,
      ]);
    });
  }
});

describe('the helpers of clients', () => {
  it('abort their requests by the signal of their controller', () => {
    const { signal } = new AbortController();
    for (const { targets } of [openai, anthropic, together]) {
      const helpers = targets.filter(({ leavingSignal }) => leavingSignal !== undefined);
      expect(helpers).to.not.be.empty;
      for (const { leavingSignal } of helpers) {
        const signalOf = (thisArg: unknown) => leavingSignal?.({ thisArg } as unknown as GeneratorCall);
        expect([signalOf({ controller: { signal } }), signalOf({}), signalOf(undefined)]).to.deep.equal([
          signal,
          undefined,
          undefined,
        ]);
      }
    }
  });
});
