import { context, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { inspect } from 'node:util';
import { definePreset, type GeneratorCall } from '../../src';
import { setClock } from '../../src/base/clock';
import { collectUntil } from '../support/gc';
import { microtasksDone, rejectionOf, thrownBy } from '../trace/helpers';
import { drain, load, setUpPatching, spansOf, type Exports } from './support';

const ALL = ['a', 'b', 'c'];

async function take(stream: AsyncIterable<unknown>, count: number): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) {
    items.push(item);
    if (items.length === count) break;
  }
  return items;
}

describe('streams in a property of what a call returns', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);
  const items = () => patching.tracing.spans().map(({ attributes }) => attributes['async_generator.item.count']);
  const reads = () => load('property-streams').reads as string[];
  const messageOf = (instrumentation: ReturnType<typeof instrument>) => instrumentation.getPatchReport()[0]?.message;

  /** Loads the fixture with one target on it. */
  function loadWith(selectors: string, options: Parameters<typeof instrument>[1] = {}): Exports {
    instrument(`property-streams[${selectors}]`, options);
    return load('property-streams');
  }

  describe('are traced when they are iterated', () => {
    it('in a data property', async () => {
      const { ask } = loadWith('ask().stream');
      expect(await drain(ask().stream)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['ask.stream completed']);
      expect(items()).to.deep.equal([3]);
    });

    it('in what a promise resolves to', async () => {
      const { askAsync } = loadWith('askAsync().stream');
      const promise = askAsync();
      expect(promise).to.be.instanceOf(Promise);
      expect(await drain((await promise).stream)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['askAsync.stream completed']);
    });

    it('in what a thenable resolves to, which does its work when it is awaited', async () => {
      const { askThenable } = loadWith('askThenable().stream');
      const { stream } = await askThenable();
      expect(await drain(stream)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['askThenable.stream completed']);
    });

    it('on a promise itself', async () => {
      const { askAtOnce } = loadWith('askAtOnce().stream');
      const promise = askAtOnce();
      expect(await drain(promise.stream)).to.deep.equal(ALL);
      expect(await promise).to.deep.equal({ text: 'abc' });
      expect(spans()).to.deep.equal(['askAtOnce.stream completed']);
    });

    it('which are web streams, or what is iterated anew each time', async () => {
      const { askReplay, askWeb } = loadWith('askWeb().stream,askReplay().stream');
      expect(await drain(askWeb().stream)).to.deep.equal(ALL);
      const { stream } = askReplay();
      await drain(stream);
      expect(await take(stream, 1)).to.deep.equal(['a']);
      expect(spans()).to.deep.equal([
        'askWeb.stream completed',
        'askReplay.stream completed',
        'askReplay.stream returned',
      ]);
    });

    it('which are Readables of Node', async () => {
      const { askNode } = loadWith('askNode().Body');
      expect(await drain((await askNode()).Body)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['askNode.Body completed']);
    });

    it('which are promises of streams', async () => {
      const { askPromised } = loadWith('askPromised().stream');
      const made = askPromised();
      expect(made.stream).to.be.instanceOf(Promise);
      expect(await drain(await made.stream)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['askPromised.stream completed']);
    });

    it('further down', async () => {
      const { askDeep, askDeepGetter } = loadWith('askDeep().response.stream,askDeepGetter().response.stream');
      await drain(askDeep().response.stream);
      await drain(askDeepGetter().response.stream);
      expect(spans()).to.deep.equal(['askDeep.response.stream completed', 'askDeepGetter.response.stream completed']);
    });

    it('behind a getter of the prototype, which stays as it is', async () => {
      const { Result, streamText } = loadWith('streamText().textStream');
      const getter = Object.getOwnPropertyDescriptor(Result.prototype, 'textStream')?.get;
      const result = streamText();
      expect(await drain(result.textStream)).to.deep.equal(ALL);
      expect(Object.keys(result)).to.deep.equal([]);
      expect(Object.getOwnPropertyDescriptor(Result.prototype, 'textStream')?.get).to.equal(getter);
      await drain(new Result().textStream);
      expect(spans()).to.deep.equal(['streamText.textStream completed']);
    });

    it('behind an own getter', async () => {
      const { askOwnGetter } = loadWith('askOwnGetter().stream');
      const made = askOwnGetter();
      expect(made.stream).to.equal(made.stream);
      expect(await drain(made.stream)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['askOwnGetter.stream completed']);
    });

    it('behind a getter that puts the stream in its own place', async () => {
      const { askLazy } = loadWith('askLazy().stream');
      const made = askLazy();
      const { stream } = made;
      expect(made.stream).to.equal(stream);
      expect(Object.getOwnPropertyDescriptor(made, 'stream')).to.include({ value: stream, enumerable: true });
      expect(await drain(stream)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['askLazy.stream completed']);
    });

    it('which the object gets later', async () => {
      const { queue } = loadWith('queue().stream,queue().output');
      const job = queue();
      expect([job.stream, job.output]).to.deep.equal([undefined, undefined]);
      expect(Object.keys(job)).to.deep.equal(['output']);
      job.start();
      expect(await drain(job.stream)).to.deep.equal(ALL);
      expect(await drain(job.output)).to.deep.equal(['o']);
      expect(Object.keys(job)).to.deep.equal(['output', 'stream']);
      expect(Object.getOwnPropertyDescriptor(job, 'stream')).to.include({
        enumerable: true,
        writable: true,
        configurable: true,
      });
      expect(spans()).to.deep.equal(['queue.stream completed', 'queue.output completed']);
    });

    it('of instances: new Job().stream, and of what a promise resolves to', async () => {
      const { Job, queueAsync } = loadWith('new Job().stream,queueAsync().stream');
      await drain(new Job().start().stream);
      await drain((await queueAsync()).start().stream);
      expect(spans()).to.deep.equal(['Job.stream completed', 'queueAsync.stream completed']);
    });

    it('of what a method returns: Client#send().stream, beside other members of it and the method itself', async () => {
      const { Client } = loadWith('Client#send().stream,Client#send().other,Client#list,Client#list().none');
      const client = new Client();
      const output = () => ({ stream: (async function* () {})(), other: (async function* () {})() });
      const made = await client.send({ output });
      await drain(made.stream);
      await drain(made.other);
      await drain(client.list());
      expect(spans()).to.deep.equal([
        'Client.send.stream completed',
        'Client.send.other completed',
        'Client.list completed',
      ]);
    });
  });

  describe('have one run for each iteration', () => {
    it('never iterated: none', async () => {
      const { ask, askWeb, streamText } = loadWith('ask().stream,askWeb().stream,streamText().textStream');
      ask();
      askWeb().stream.getReader();
      void streamText().textStream;
      expect(await collectUntil(() => spans().length > 0, 10)).to.equal(false);
    });

    it('two branches of a tee: two runs, each with its own items', async () => {
      const { streamText } = loadWith('streamText().textStream,streamText().fullStream');
      const result = streamText();
      const [text, full, again] = [result.textStream, result.fullStream, result.textStream];
      await take(text, 1);
      await drain(full);
      await take(again, 2);
      expect(spans()).to.deep.equal([
        'streamText.textStream returned',
        'streamText.fullStream completed',
        'streamText.textStream returned',
      ]);
      expect(items()).to.deep.equal([1, 3, 2]);
    });

    it('several streams of one result, at the same time', async () => {
      const { askBoth } = loadWith('askBoth().text,askBoth().full');
      const { text, full } = await askBoth();
      const pulls = [text.next(), full.next(), text.next(), full.next(), full.next(), text.return()];
      await Promise.all(pulls);
      expect(spans().sort()).to.deep.equal(['askBoth.full completed', 'askBoth.text returned']);
      expect(items().sort()).to.deep.equal([2, 2]);
    });

    it('one stream in two properties: one run, of the property that is named first', async () => {
      const { askOne } = loadWith('askOne().text,askOne().full');
      const result = askOne();
      expect(result.full).to.equal(result.text);
      await drain(result.full);
      expect(spans()).to.deep.equal(['askOne.text completed']);
    });

    it('two targets, or two instrumentations, that select one property: one run', async () => {
      instrument(['property-streams[ask().stream,streamText().textStream]', 'property-streams[ask().stream]']);
      instrument('property-streams[ask().stream,streamText().textStream]');
      const { ask, streamText } = load('property-streams');
      await drain(ask().stream);
      await drain(streamText().textStream);
      expect(spans()).to.deep.equal(['ask.stream completed', 'streamText.textStream completed']);
    });

    it('an object that several calls return: that of the call in whose context it is read', async () => {
      const users: unknown[] = [];
      const onStart = (_: unknown, { args }: GeneratorCall) => void users.push(args[0]);
      const { getResult } = loadWith('getResult().textStream', { onStart });
      const asUser = async (user: string, during: () => Promise<unknown> = async () => undefined) => {
        const span = trace.getTracer('test').startSpan(user, { root: true });
        await context.with(trace.setSpan(context.active(), span), async () => {
          const result = getResult(user);
          await during();
          await take(result.textStream, 1);
        });
        span.end();
      };
      await asUser('ann');
      // Another one's call comes between this one's and its read.
      await asUser('bea', () => asUser('cleo'));
      expect(users).to.deep.equal(['ann', 'cleo', undefined]);
      const parents = patching.tracing.spans().flatMap(({ name, parentSpanContext }) => {
        const parent = patching.tracing.spans().find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
        return parent === undefined ? [] : [`${name} of ${parent.name}`];
      });
      expect(parents).to.deep.equal([
        'getResult.textStream of ann',
        'getResult.textStream of cleo',
        'getResult.textStream of bea',
      ]);
    });
  });

  describe('begin with the call', () => {
    const inSpan = async (name: string, fn: () => unknown): Promise<void> => {
      const span = trace.getTracer('test').startSpan(name);
      await context.with(trace.setSpan(context.active(), span), fn as () => Promise<void>);
      span.end();
    };
    const parentOf = (name: string) => {
      const all = patching.tracing.spans();
      const id = all.find((span) => span.name === name)?.parentSpanContext?.spanId;
      return all.find((span) => span.spanContext().spanId === id)?.name;
    };
    let now = 0;
    beforeEach(() => {
      setClock({ now: () => BigInt(now * 1e6), epoch: () => 1e12 + now });
    });
    afterEach(() => {
      setClock();
    });
    /** Nothing takes any time but this. */
    const wait = async (milliseconds: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      now += milliseconds;
    };
    const seconds = (name: string) => {
      const span = patching.tracing.spans().find((each) => each.name === name);
      return span === undefined ? 0 : span.duration[0] + span.duration[1] / 1e9;
    };

    it('whose context is the parent, and whose time is the start', async () => {
      const { askAsync } = loadWith('askAsync().stream');
      let made: Exports;
      await inSpan('call', async () => {
        made = await askAsync();
      });
      await wait(30);
      await inSpan('elsewhere', () => drain(made.stream));
      expect(parentOf('askAsync.stream')).to.equal('call');
      expect(seconds('askAsync.stream')).to.equal(0.03);
      const attributes = patching.tracing.spans().find(({ name }) => name === 'askAsync.stream')?.attributes ?? {};
      expect(attributes['async_generator.time_to_first_item']).to.equal(0.03);
      // The answer was there, and waited.
      expect(attributes['async_generator.producer.time']).to.equal(0);
      expect(attributes['async_generator.consumer.time']).to.equal(0.03);
    });

    it('until its value is there, it is the producer who works', async () => {
      const { askLater } = loadWith('askLater().stream');
      const made = askLater(wait(30));
      await drain((await made).stream);
      const [span] = patching.tracing.spans();
      expect(span?.attributes['async_generator.producer.time']).to.equal(0.03);
    });

    it('only the first of a property does, and another one with its first pull', async () => {
      const { streamText } = loadWith('streamText().textStream');
      const result = streamText();
      await wait(30);
      await drain(result.textStream);
      await drain(result.textStream);
      const durations = patching.tracing.spans().map(({ duration }) => duration[1] / 1e9);
      expect(durations).to.deep.equal([0.03, 0]);
    });

    it('a later one of another trace belongs there', async () => {
      const { streamText } = loadWith('streamText().textStream');
      let result: Exports;
      await inSpan('start', async () => {
        result = streamText();
        await take(result.textStream, 1);
      });
      patching.tracing.reset();
      await inSpan('request', () => drain(result.textStream));
      expect(parentOf('streamText.textStream')).to.equal('request');
    });

    it('whose body has the context of its caller: a run that never comes is no parent', async () => {
      const { askWork } = loadWith('askWork().stream');
      const work = () => void trace.getTracer('test').startSpan('work').end();
      await inSpan('call', () => drain(askWork(work).stream));
      expect(parentOf('work')).to.equal('call');
      expect(parentOf('askWork.stream')).to.equal('call');
    });

    it('hooks get its arguments, as args and as factoryArgs', async () => {
      const seen: unknown[] = [];
      const onStart = (_: unknown, call: GeneratorCall) => void seen.push(call);
      const shouldTrace = ({ args }: GeneratorCall) => args[0] !== 'quiet';
      const fixture = loadWith('ask().stream', { onStart, shouldTrace });
      await drain(fixture.ask('hello').stream);
      await drain(fixture.ask('quiet').stream);
      expect(seen).to.deep.equal([
        {
          moduleName: 'property-streams',
          moduleVersion: '1.0.0',
          exportPath: 'ask.stream',
          thisArg: fixture,
          args: ['hello'],
          factoryArgs: ['hello'],
        },
      ]);
    });

    it('can be named by it', async () => {
      const spanName = ({ args }: GeneratorCall) => `chat ${String(args[0])}`;
      instrument([{ module: 'property-streams', exports: ['ask().stream'], spanName }]);
      await drain(load('property-streams').ask('model').stream);
      expect(spans()).to.deep.equal(['chat model completed']);
    });

    it('are not traced where it is not to be', async () => {
      const { ask, streamText } = loadWith('ask().stream,streamText().textStream', { requireParentSpan: true });
      await drain(ask().stream);
      await drain(streamText().textStream);
      expect(spans()).to.deep.equal([]);
    });
  });

  describe('end', () => {
    it('as other runs do', async () => {
      const { ask, askFailsLater } = loadWith('ask().stream,askFailsLater().stream');
      await take(ask().stream, 2);
      expect(await rejectionOf(drain(askFailsLater().stream)))
        .to.be.an('error')
        .with.property('message', 'in the middle');
      const { stream } = ask();
      await stream.next();
      expect(await rejectionOf(stream.throw(new DOMException('stop', 'AbortError')))).to.have.property(
        'name',
        'AbortError',
      );
      expect(spans()).to.deep.equal(['ask.stream returned', 'askFailsLater.stream failed', 'ask.stream aborted']);
    });

    it('abandoned, where one is dropped after a few items, and nothing of the run keeps it', async () => {
      const { ask, streamText } = loadWith('ask().stream,streamText().textStream');
      const one = async (result: Exports, key: string) => {
        const iterator = result[key][Symbol.asyncIterator]();
        await iterator.next();
      };
      await one(ask(), 'stream');
      await one(streamText(), 'textStream');
      await collectUntil(() => spans().length === 2);
      expect(spans().sort()).to.deep.equal(['ask.stream abandoned', 'streamText.textStream abandoned']);
    });

    it('interrupted, when the instrumentation is disabled', async () => {
      const instrumentation = instrument('property-streams[ask().stream]');
      const { stream } = load('property-streams').ask();
      await stream.next();
      instrumentation.disable();
      expect(spans()).to.deep.equal(['ask.stream interrupted']);
      expect(await drain(stream)).to.deep.equal(['b', 'c']);
    });

    it('no run is left of results that are dropped', async () => {
      const { ask, streamText } = loadWith('ask().stream,streamText().textStream');
      let collected = 0;
      const registry = new FinalizationRegistry(() => collected++);
      const drop = async () => {
        const argument = { made: [] as unknown[] };
        for (const made of [ask(argument), streamText(argument)]) {
          argument.made.push(made);
          registry.register(made, undefined);
          void made.stream;
          void made.textStream;
        }
      };
      await drop();
      expect(await collectUntil(() => collected === 2)).to.equal(true);
      expect(spans()).to.deep.equal([]);
    });
  });

  describe("may be the run of the call itself, with startOn: 'call'", () => {
    const loadStarting = (...selectors: string[]): Exports => {
      instrument([{ module: 'property-streams', exports: selectors, startOn: 'call' }]);
      return load('property-streams');
    };
    const work = () => void trace.getTracer('test').startSpan('work').end();
    const parents = () => {
      const all = patching.tracing.spans();
      const nameOf = (id: string | undefined) => all.find((span) => span.spanContext().spanId === id)?.name;
      return all.map(({ name, parentSpanContext }) => `${name} in ${nameOf(parentSpanContext?.spanId) ?? 'none'}`);
    };

    it('which is then the parent of what the call does', async () => {
      const { askWork, askWorkAsync } = loadStarting('askWork().stream', 'askWorkAsync().stream');
      // Two selectors of one target, but each on a factory of its own.
      expect(await drain(askWork(work).stream)).to.deep.equal(ALL);
      expect(await drain((await askWorkAsync(work)).stream)).to.deep.equal(ALL);
      expect(parents()).to.deep.equal([
        'work in askWork.stream',
        'askWork.stream in none',
        'work in askWorkAsync.stream',
        'askWorkAsync.stream in none',
      ]);
      expect(items()).to.deep.equal([undefined, 3, undefined, 3]);
    });

    it('which fails with it', async () => {
      const { askFails, askThrows } = loadStarting('askFails().stream', 'askThrows().stream');
      expect(await rejectionOf(askFails())).to.have.property('message', 'no answer');
      expect(thrownBy(askThrows)).to.have.property('message', 'no question');
      expect(spans()).to.deep.equal(['askFails.stream failed', 'askThrows.stream failed']);
    });

    it('which ends with a result that has no stream', async () => {
      const { askMaybe, askText, createClient } = loadStarting(
        'askMaybe().stream',
        'askText().stream',
        'createClient().list',
      );
      await askMaybe(false);
      askText();
      await drain(createClient().list());
      expect(spans()).to.deep.equal([
        'askMaybe.stream completed',
        'askText.stream completed',
        'createClient.list completed',
        'createClient.list completed',
      ]);
      expect(items()).to.deep.equal([0, 0, 0, 3]);
    });

    it('which waits for a stream that is not there yet, and leaves no span if it never comes', async () => {
      const { askDeepGetter, askOwnGetter, askPromised, queue, streamText } = loadStarting(
        'streamText().textStream',
        'queue().stream',
        'askPromised().stream',
        'askOwnGetter().stream',
        'askDeepGetter().response.stream',
      );
      for (const make of [streamText, queue, askPromised, askOwnGetter, askDeepGetter]) make();
      expect(spans()).to.deep.equal([]);
      await drain(streamText().textStream);
      await drain(queue().start().stream);
      await drain(await askPromised().stream);
      await drain(askOwnGetter().stream);
      await drain(askDeepGetter().response.stream);
      expect(spans()).to.deep.equal([
        'streamText.textStream completed',
        'queue.stream completed',
        'askPromised.stream completed',
        'askOwnGetter.stream completed',
        'askDeepGetter.response.stream completed',
      ]);
      expect(items()).to.deep.equal([3, 3, 3, 3, 3]);
    });

    it('of which only the first stream of the property is a part', async () => {
      const { streamText } = loadStarting('streamText().textStream');
      const result = streamText();
      const [one, other] = [result.textStream, result.textStream];
      await take(one, 1);
      await drain(other);
      expect(spans()).to.deep.equal(['streamText.textStream returned', 'streamText.textStream completed']);
      expect(items()).to.deep.equal([1, 3]);
    });

    it('not of a call of whose result several streams are selected, nor of a constructor', async () => {
      const { askBothFails, Job } = loadStarting('askBothFails().text', 'askBothFails().full', 'new Job().stream');
      await rejectionOf(askBothFails());
      new Job();
      expect(spans()).to.deep.equal([]);
    });

    it('which is abandoned with a promise that never settles, and with a stream that is dropped', async () => {
      const { ask, askNever } = loadStarting('askNever().stream', 'ask().stream');
      (() => {
        askNever();
        ask();
      })();
      await collectUntil(() => spans().length === 2);
      expect(spans().sort()).to.deep.equal(['ask.stream abandoned', 'askNever.stream abandoned']);
    });

    it('is not asked for where the call is let through', async () => {
      instrument([
        {
          module: 'property-streams',
          exports: ['ask().stream'],
          startOn: 'call',
          shouldTrace: ({ args }) => args[0] !== 'quiet',
        },
      ]);
      const { ask } = load('property-streams');
      await drain(ask('quiet').stream);
      await drain(ask('loud').stream);
      expect(spans()).to.deep.equal(['ask.stream completed']);
    });
  });

  describe('of clients for models', () => {
    const chat = (startOn?: 'call') =>
      definePreset({
        name: 'mine',
        targets: [
          {
            module: 'property-streams',
            exports: startOn ? ['askMaybe().stream'] : ['streamText().textStream', 'streamText().fullStream'],
            ...(startOn && { startOn }),
            genAi: {
              request: ({ args: [model] }) => ({ operation: 'chat', provider: 'mine', model: String(model) }),
              chunk: (text: string, response) => {
                response.id = text;
              },
              result: (_answer, response) => {
                response.id = 'all at once';
              },
            },
          },
        ],
      });
    const said = () =>
      patching.tracing
        .spans()
        .map(({ name, attributes }) => [name, attributes['gen_ai.request.model'], attributes['gen_ai.response.id']]);

    it('say what was asked once, on the first stream that is iterated', async () => {
      instrument([], { presets: [chat()] });
      const result = load('property-streams').streamText('small');
      await drain(result.fullStream);
      await drain(result.textStream);
      expect(said()).to.deep.equal([
        ['chat small', 'small', 'c'],
        ['streamText.textStream', undefined, undefined],
      ]);
    });

    it("say what came without a stream, too, with startOn: 'call'", async () => {
      instrument([], { presets: [chat('call')] });
      const { askMaybe } = load('property-streams');
      await askMaybe(false);
      await drain((await askMaybe(true)).stream);
      expect(said()).to.deep.equal([
        ['chat false', 'false', 'all at once'],
        ['chat true', 'true', 'c'],
      ]);
      expect(patching.warnings).to.deep.equal([]);
    });
  });

  describe('of a function that makes one only for some arguments', () => {
    it("are traced for these, and what other calls return is not looked at, where the preset's target says so", async () => {
      const isMadeBy = ([model]: readonly unknown[]) => model === 'small';
      const targets = [
        { module: 'property-streams', exports: ['streamText().textStream'], startOn: 'call' as const, isMadeBy },
      ];
      instrument([], { presets: [definePreset({ name: 'mine', targets })] });
      const { streamText } = load('property-streams');
      const [small, large] = [streamText('small'), streamText('large')];
      expect(Object.keys(Object.getOwnPropertyDescriptors(large))).to.deep.equal([]);
      expect(Object.keys(Object.getOwnPropertyDescriptors(small))).to.deep.equal(['textStream']);
      await drain(large.textStream);
      expect(spans()).to.deep.equal([]);
      await drain(small.textStream);
      expect(spans()).to.deep.equal(['streamText.textStream completed']);
    });
  });

  describe('leave the program as it was', () => {
    it('no getter is read before the program reads it, and then once', () => {
      const { askDeepGetter, askLazy, askOwnGetter, streamText } = loadWith(
        'streamText().textStream,streamText().broken,askOwnGetter().stream,askLazy().stream,askDeepGetter().response.stream',
      );
      const results = [streamText(), askOwnGetter(), askLazy(), askDeepGetter()];
      expect(reads()).to.deep.equal([]);
      void results[0].textStream;
      void results[3].response;
      expect(reads()).to.deep.equal(['textStream', 'response']);
      expect(thrownBy(() => results[0].broken as unknown)).to.be.instanceOf(TypeError);
    });

    it('a data property stays one, and holds the same stream', () => {
      const { ask } = loadWith('ask().stream');
      const made = ask();
      expect(Object.getOwnPropertyDescriptor(made, 'stream')).to.deep.equal({
        value: made.stream,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      expect(inspect(made)).to.equal('{ stream: Object [AsyncGenerator] {}, status: 200 }');
    });

    it('a frozen result may hold a stream', async () => {
      const instrumentation = instrument('property-streams[askFrozen().stream]');
      expect(await drain(load('property-streams').askFrozen().stream)).to.deep.equal(ALL);
      expect(spans()).to.deep.equal(['askFrozen.stream completed']);
      expect(messageOf(instrumentation)).to.equal(undefined);
    });

    it('the call fails as it did, and so does a promise in the property', async () => {
      const { askFails, askRejected } = loadWith('askFails().stream,askRejected().stream');
      expect(await rejectionOf(askFails()))
        .to.be.an('error')
        .with.property('message', 'no answer');
      expect(await rejectionOf(askRejected().stream))
        .to.be.an('error')
        .with.property('message', 'no stream');
      expect(spans()).to.deep.equal([]);
    });

    it('nothing is patched while the instrumentation is disabled', async () => {
      const instrumentation = instrument('property-streams[streamText().textStream,ask().stream,queue().stream]');
      const { ask, queue, streamText } = load('property-streams');
      const [early, job] = [streamText(), queue()];
      instrumentation.disable();
      await drain(early.textStream);
      await drain(job.start().stream);
      await drain(ask().stream);
      expect(Object.hasOwn(streamText(), 'textStream')).to.equal(false);
      expect(spans()).to.deep.equal([]);
    });

    it('a rejection that is not handled stays one, with preserveUnhandledRejections', async () => {
      const unhandled: unknown[] = [];
      const listeners = process.listeners('unhandledRejection');
      process.removeAllListeners('unhandledRejection');
      process.on('unhandledRejection', (error) => unhandled.push(error));
      try {
        const { askPromised, askRejected } = loadWith('askRejected().stream,askPromised().stream', {
          preserveUnhandledRejections: true,
        });
        void askRejected().stream;
        const made = askPromised();
        expect(made.stream).to.equal(made.stream);
        expect(await drain(await made.stream)).to.deep.equal(ALL);
        await microtasksDone();
      } finally {
        process.removeAllListeners('unhandledRejection');
        for (const listener of listeners) process.on('unhandledRejection', listener);
      }
      expect(unhandled).to.have.lengthOf(1);
      expect(spans()).to.deep.equal(['askPromised.stream completed']);
    });
  });

  describe('are reported', () => {
    it('as a factory', async () => {
      const instrumentation = instrument('property-streams[ask().stream]');
      await drain(load('property-streams').ask().stream);
      const [{ modules, message, status } = { modules: [], message: '', status: '' }] =
        instrumentation.getPatchReport();
      expect({ status, message }).to.deep.equal({ status: 'patched', message: undefined });
      expect(modules[0]?.exports).to.deep.equal([{ path: 'ask.stream', method: 'factory' }]);
    });

    it('where the property holds neither a function nor a stream: once, and it is handed out', () => {
      const instrumentation = instrument('property-streams[askText().stream]');
      const { askText } = load('property-streams');
      expect([askText().stream, askText().stream]).to.deep.equal(['all of it', 'all of it']);
      const message = 'askText().stream: what it names is a string, neither a function nor a stream';
      expect(messageOf(instrumentation)).to.equal(message);
      expect(patching.warnings).to.have.lengthOf(1);
    });

    it('where there is no such property', () => {
      const instrumentation = instrument('property-streams[askNothing().stream]');
      const made = load('property-streams').askNothing();
      expect('stream' in made ? made.stream : undefined).to.equal(undefined);
      expect(messageOf(instrumentation)).to.equal('askNothing().stream: what it made has no member stream');
    });

    it('not any more, once one of the results has had it', async () => {
      const instrumentation = instrument('property-streams[askMaybe().stream]');
      const { askMaybe } = load('property-streams');
      expect(Reflect.ownKeys((await askMaybe(false)) as object)).to.deep.equal([]);
      expect(messageOf(instrumentation)).to.include('has no member stream');
      await askMaybe(true);
      await askMaybe(false);
      expect(messageOf(instrumentation)).to.equal(undefined);
    });
  });
});
