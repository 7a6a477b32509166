/**
 * Methods of a thenable by which a program gets at what it comes to without its `then`, as they are known of
 * the clients of model providers, or as a target names them.
 */
import { expect } from 'chai';
import type { ThenableMember } from '../../src';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, rejectionOf, thrownBy, traceWithPlan } from './helpers';

const HEAD = { status: 200 };

interface Response<T> {
  readonly data: T;
  readonly response: typeof HEAD;
}

/** A promise as the clients have it: reads the body when it is asked for, once. */
class ApiPromise<T> extends Promise<T> {
  private parsed: Promise<T> | undefined;

  constructor(
    private readonly response: Promise<typeof HEAD>,
    private readonly read: () => Promise<T>,
  ) {
    super((resolve) => resolve(undefined as T));
  }

  static override get [Symbol.species]() {
    return Promise;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.parse().then(onFulfilled, onRejected);
  }

  asResponse(): Promise<typeof HEAD> {
    return this.response;
  }

  async withResponse(): Promise<Response<T>> {
    const [data, response] = await Promise.all([this.parse(), this.asResponse()]);
    return { data, response };
  }

  unwrap<U>(transform: (value: T) => U): ApiPromise<U> {
    return new ApiPromise(this.response, async () => transform(await this.read()));
  }

  parse(): Promise<T> {
    return (this.parsed ??= this.response.then(() => this.read()));
  }
}

const MEMBERS: readonly ThenableMember[] = [
  { name: 'withResponse', property: 'data' },
  { name: 'asResponse' },
  { name: 'unwrap' },
  { name: 'notThere' },
];

/** `fn` as the function of a preset that knows these members. */
function withMembers<Fn>(fn: Fn, more: { members?: readonly ThenableMember[]; preserve?: boolean } = {}): Fn {
  const { members = MEMBERS, preserve = false } = more;
  return traceWithPlan(fn, { thenableMembers: members, preserveUnhandledRejections: preserve });
}

describe('a thenable of which more is known', () => {
  const tracing = useTracing();
  const runs = () =>
    tracing
      .spans()
      .map(({ attributes }) => [attributes['async_generator.outcome'], attributes['async_generator.item.count']]);

  async function* count(to: number): AsyncGenerator<number> {
    for (let i = 0; i < to; i++) yield i;
  }

  const stream = () => new ApiPromise(Promise.resolve(HEAD), async () => count(2));
  const failing = (error: unknown) => {
    const response = Promise.reject<typeof HEAD>(error as Error);
    response.catch(() => {});
    return new ApiPromise(response, async () => count(2));
  };

  it('is traced by the property that holds its value', async () => {
    const { data, response } = await withMembers(stream)().withResponse();
    expect(response).to.equal(HEAD);
    expect(runs()).to.deep.equal([]);
    expect(await drain(data)).to.deep.equal([0, 1]);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('is one run if it is awaited as well', async () => {
    const promise = withMembers(stream)();
    const { data } = await promise.withResponse();
    expect(await promise).to.equal(data);
    await drain(data);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('ends its run with a value that is not a stream: the body is read elsewhere', async () => {
    expect(await withMembers(stream)().asResponse()).to.equal(HEAD);
    expect(runs()).to.deep.equal([['completed', 0]]);
  });

  it('is traced by another thenable that it was made into', async () => {
    const made = withMembers(stream)().unwrap((generator) => generator);
    expect(made).to.be.an.instanceOf(ApiPromise);
    expect(await drain(await made)).to.deep.equal([0, 1]);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('is traced by a member of that one, too', async () => {
    const { data } = await withMembers(stream)()
      .unwrap((generator) => generator)
      .withResponse();
    expect(await drain(data)).to.deep.equal([0, 1]);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('is over with the value that it was made into', async () => {
    expect(await withMembers(stream)().unwrap(() => 'text')).to.equal('text');
    expect(runs()).to.deep.equal([['completed', 0]]);
  });

  for (const member of ['withResponse', 'asResponse'] as const) {
    it(`ends failed if ${member}() rejects`, async () => {
      const error = new Error('refused');
      expect(await rejectionOf(withMembers(failing)(error)[member]())).to.equal(error);
      expect(runs()).to.deep.equal([['failed', 0]]);
    });

    it(`leaves a rejection of ${member}() unhandled if the program does not handle it`, async () => {
      const error = new Error('refused');
      const unhandled: unknown[] = [];
      const listeners = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[];
      process.removeAllListeners('unhandledRejection');
      process.on('unhandledRejection', (reason) => unhandled.push(reason));
      try {
        const promise = withMembers(failing)(error);
        void (member === 'withResponse' ? promise.withResponse() : promise.asResponse());
        await microtasksDone();
      } finally {
        process.removeAllListeners('unhandledRejection');
        for (const listener of listeners) process.on('unhandledRejection', listener);
      }
      expect(unhandled).to.deep.equal([error]);
    });
  }

  it('ends failed if a member throws', () => {
    const error = new Error('closed');
    const throwing = () =>
      Object.assign(stream(), {
        asResponse() {
          throw error;
        },
      });
    expect(thrownBy(() => withMembers(throwing)().asResponse())).to.equal(error);
    expect(runs()).to.deep.equal([['failed', 0]]);
  });

  it('passes arguments and `this` on, and keeps the names of the members', async () => {
    const given: unknown[] = [];
    const own = () =>
      Object.assign(stream(), {
        async asResponse(this: unknown, ...args: unknown[]) {
          given.push(this, ...args);
          return HEAD;
        },
      });
    const promise = withMembers(own)();
    expect(promise.asResponse.name).to.equal('asResponse');
    await promise.asResponse(1, 2);
    expect(given).to.deep.equal([promise, 1, 2]);
  });

  it('gets no member that it does not have', () => {
    expect('notThere' in withMembers(stream)()).to.equal(false);
  });

  it('has no value where the result of its member has no such property', async () => {
    const bare = () =>
      Object.assign(stream(), {
        async withResponse() {
          return 'nothing';
        },
      });
    expect(await withMembers(bare)().withResponse()).to.equal('nothing');
    expect(runs()).to.deep.equal([['completed', 0]]);
  });

  it('is not touched by a property that throws when it is read', async () => {
    const odd = {
      get data() {
        throw new Error('not yet');
      },
    };
    const promise = Object.assign(stream(), {
      async withResponse() {
        return odd;
      },
    });
    expect(await withMembers(() => promise)().withResponse()).to.equal(odd);
    expect(runs()).to.deep.equal([['completed', 0]]);
  });

  it('is the same with preserveUnhandledRejections', async () => {
    const { data } = await withMembers(stream, { preserve: true })().withResponse();
    expect(await drain(data)).to.deep.equal([0, 1]);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('is not abandoned while what was made of it is awaited', async () => {
    let answer: (head: typeof HEAD) => void = () => {};
    const response = new Promise<typeof HEAD>((resolve) => (answer = resolve));
    const data = withMembers(() => new ApiPromise(response, async () => count(1)))()
      .unwrap((generator) => generator)
      .withResponse()
      .then((result) => drain(result.data));
    await collectUntil(() => runs().length > 0, 20);
    answer(HEAD);
    expect(await data).to.deep.equal([0]);
    expect(runs()).to.deep.equal([['completed', 1]]);
  });

  it('is traced by them where another target has traced the promise before', async () => {
    const posted = withMembers(stream, { members: [] });
    const { data } = await withMembers(() => posted())().withResponse();
    expect(await drain(data)).to.deep.equal([0, 1]);
    expect(runs()).to.deep.equal([
      ['completed', 2],
      ['completed', 2],
    ]);
  });

  it('is one layer of members however often it is handed out by both', async () => {
    const promise = stream();
    const posted = withMembers(() => promise, { members: [] });
    const create = withMembers(() => posted());
    void create();
    const { withResponse, then } = promise;
    void create();
    expect(promise.withResponse).to.equal(withResponse);
    // eslint-disable-next-line @typescript-eslint/unbound-method -- compared, not called
    expect(promise.then).to.equal(then);
    await drain((await promise.withResponse()).data);
  });

  it('is abandoned without these members, which is why they can be named', async () => {
    const create = withMembers(() => Object.assign(stream(), { body: () => stream().then(drain) }), { members: [] });
    // In a function of its own, which holds nothing once it is over.
    const read = async () => create().body();
    expect(await read()).to.deep.equal([0, 1]);
    expect(await collectUntil(() => runs().length > 0)).to.equal(true);
    expect(runs()).to.deep.equal([['abandoned', 0]]);
  });

  describe('by the shape of a promise that generated clients have', () => {
    const known = <Fn>(fn: Fn) => withMembers(fn, { members: [] });

    class HttpResponsePromise<T> extends Promise<T> {
      private constructor(private readonly answer: Promise<T>) {
        super((resolve) => resolve(undefined as T));
      }
      static of<T>(answer: Promise<T>) {
        return new HttpResponsePromise(answer);
      }
      static override get [Symbol.species]() {
        return Promise;
      }
      override then<A = T, B = never>(
        onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
        onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        return this.answer.then(onFulfilled, onRejected);
      }
      async withRawResponse() {
        return { data: await this.answer, rawResponse: HEAD };
      }
    }

    it('is traced by withResponse(), as those of Stainless have it', async () => {
      const { data } = await known(stream)().withResponse();
      expect(await drain(data)).to.deep.equal([0, 1]);
      expect(runs()).to.deep.equal([['completed', 2]]);
    });

    it('is traced by withResponse() of one that has no asResponse()', async () => {
      const old = () =>
        Object.assign(stream(), { asResponse: undefined, withResponse: async () => ({ data: count(2) }) });
      await drain(
        (await known(old as () => { withResponse(): Promise<{ data: AsyncGenerator<number> }> })().withResponse()).data,
      );
      expect(runs()).to.deep.equal([['completed', 2]]);
    });

    it('is traced by parse(), and by then() once, which calls it', async () => {
      expect(await drain(await known(stream)().parse())).to.deep.equal([0, 1]);
      expect(await drain(await known(stream)())).to.deep.equal([0, 1]);
      const outcomes = tracing.spans().map(({ attributes }) => attributes['async_generator.outcome']);
      expect(outcomes).to.deep.equal(['completed', 'completed']);
    });

    it('is over with asResponse()', async () => {
      await known(stream)().asResponse();
      expect(runs()).to.deep.equal([['completed', 0]]);
    });

    it('is traced by withRawResponse(), as those of Fern have it', async () => {
      const { data, rawResponse } = await known(() =>
        HttpResponsePromise.of(Promise.resolve(count(2))),
      )().withRawResponse();
      expect(rawResponse).to.equal(HEAD);
      expect(await drain(data)).to.deep.equal([0, 1]);
      expect(runs()).to.deep.equal([['completed', 2]]);
    });

    it('is traced by then() as before', async () => {
      expect(await drain(await known(() => HttpResponsePromise.of(Promise.resolve(count(2))))())).to.deep.equal([0, 1]);
      expect(await drain(await known(stream)())).to.deep.equal([0, 1]);
      expect(runs()).to.deep.equal([
        ['completed', 2],
        ['completed', 2],
      ]);
    });
  });

  describe('whose response a client takes unparsed, as threads of Anthropic do', () => {
    /** Known by its `withResponse`. */
    class UnparsedPromise<T> extends ApiPromise<T> {
      static of<T>(response: Promise<typeof HEAD>, read: () => Promise<T>): UnparsedPromise<T> {
        return new UnparsedPromise(response, read);
      }
      _responseProps(): Promise<typeof HEAD> {
        return this.asResponse();
      }
    }
    const unparsed = withMembers(() => UnparsedPromise.of(Promise.resolve(HEAD), async () => count(2)), {
      members: [],
    });

    it('leaves no span if its stream is made elsewhere', async () => {
      let isCollected = false;
      const registry = new FinalizationRegistry(() => (isCollected = true));
      // In a function of its own, which keeps nothing of the promise.
      const take = async () => {
        const promise = unparsed();
        registry.register(promise, undefined);
        expect(await promise._responseProps()).to.equal(HEAD);
      };
      await take();
      expect(await collectUntil(() => isCollected)).to.equal(true);
      expect(runs()).to.deep.equal([]);
    });

    it('is traced if its value is asked for as well', async () => {
      const promise = unparsed();
      await promise._responseProps();
      expect(await drain(await promise)).to.deep.equal([0, 1]);
      expect(runs()).to.deep.equal([['completed', 2]]);
    });

    it('fails with the request', async () => {
      const error = new Error('not this one');
      const response = Promise.reject<typeof HEAD>(error);
      const refused = withMembers(() => UnparsedPromise.of(response, async () => count(2)), { members: [] });
      expect(await rejectionOf(refused()._responseProps())).to.equal(error);
      expect(runs()).to.deep.equal([['failed', 0]]);
    });
  });

  describe('that is a promise of the language which can be iterated as well', () => {
    type List = Promise<number[]> & AsyncIterable<number> & { each(use: (item: number) => void): Promise<number> };

    /** A promise of a page, and the ways to have all: as clients of services give them. */
    function list(): List {
      const page = Promise.resolve([0, 1]);
      return Object.assign(page, {
        async each(use: (item: number) => void) {
          (await page).forEach(use);
          await microtasksDone();
          return (await page).length;
        },
        async *[Symbol.asyncIterator]() {
          yield* await page;
        },
      });
    }
    const traced = withMembers(list, { members: [{ name: 'each' }] });

    it('is over with what a method gives that is known, and not with what that awaits', async () => {
      const seen: number[] = [];
      const counted = traced().each((item) => {
        seen.push(item);
        expect(runs()).to.be.empty;
      });
      expect(await counted).to.equal(2);
      expect(seen).to.deep.equal([0, 1]);
      expect(runs()).to.deep.equal([['completed', 0]]);
    });

    it('fails with such a method', async () => {
      const error = new Error('not this one');
      const failing = traced().each(() => {
        throw error;
      });
      expect(await rejectionOf(failing)).to.equal(error);
      expect(runs()).to.deep.equal([['failed', 0]]);
    });

    it('is traced by an iteration, and by await', async () => {
      expect(await drain(traced())).to.deep.equal([0, 1]);
      expect(await traced()).to.deep.equal([0, 1]);
      expect(runs()).to.deep.equal([
        ['completed', 2],
        ['completed', 0],
      ]);
    });
  });
});
