/**
 * Random programs: bodies of async generators, iterators made by hand, and consumers of both, as source text. What each word of
 * them does is in `world.ts`.
 */
import fc from 'fast-check';

export interface Program {
  readonly options: ProgramOptions;
  /** The body of a function of `w`. */
  readonly text: string;
}

export interface ProgramOptions {
  readonly timing: boolean;
  readonly contextFrom: 'pull' | 'creation';
  readonly startOn: 'pull' | 'call';
  readonly preserveUnhandledRejections: boolean;
  readonly spans: 'recorded' | 'not sampled' | 'without an SDK';
  readonly contextSwitch: 'as Node allows' | 'by the API';
  /** Whether there is a MeterProvider. */
  readonly isMeasured: boolean;
}

type Text = fc.Arbitrary<string>;

const OBJECTS = ['a', 'b', 'c'];
/** Each of these functions calls those behind it. */
const GENERATORS = ['g0', 'g1'];
const HANDS = ['h0', 'h1'];
const INNERMOST = 'g2';
/** Gives iterators without a `return`. They get one, which the program can see. */
const UNCLOSABLE = 'n0';

/** Each `@` in a text becomes a number, so that every place has its own. */
const PLACE = /@/g;

function either(...weighted: [weight: number, text: Text][]): Text {
  return fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** A text with `$0`, `$1` ... replaced by what the parts come to. */
function format(template: string, ...parts: Text[]): Text {
  return fc
    .tuple(...parts)
    .map((texts) => template.replace(/\$(\d)/g, (_all, index: string) => texts[Number(index)] ?? ''));
}

function block(statements: Text, maxLength = 4): Text {
  return fc.array(statements, { maxLength }).map((texts) => indent(texts.join('\n')));
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

const fixed = (text: string): Text => fc.constant(text);
const among = (...texts: string[]): Text => fc.constantFrom(...texts);
const few = fc.integer({ min: 0, max: 3 }).map(String);
const some = fc.integer({ min: 1, max: 3 }).map(String);

const value = either([6, among('1', '2', '3')], [1, fixed('undefined')], [2, among("w.value('x')", "w.value('y')")]);
const error = either(
  [4, among("w.error('e1')", "w.error('e2')")],
  [1, fixed("w.abort('abort')")],
  [1, fixed("'text'")],
);
const expression = either(
  [8, value],
  [2, format('w.after($0, $1)', few, value)],
  [1, format('w.failing($0, $1)', few, error)],
  [1, format('w.thenable($0, $1)', few, value)],
  [1, format('w.failingThenable($0, $1)', few, error)],
);
const wait = either([4, format('await w.ticks($0);', some)], [1, among('await w.macrotask();', 'await w.nextTick();')]);

/** A call of `next`, `return` or `throw` on an object. */
function pull(objects: string[]): Text {
  const object = among(...objects);
  const straight = either(
    [8, format('$0.next($1)', object, either([2, fixed('')], [2, value]))],
    [2, format('$0.return($1)', object, either([2, fixed('')], [2, expression]))],
    [2, format('$0.throw($1)', object, error)],
  );
  const round = either(
    [1, format("w.borrowed($0, '$1', $2)", object, among('next', 'return', 'throw'), value)],
    [1, format("w.swapped($0, $1, '$2', $3)", object, object, among('next', 'return', 'throw'), value)],
  );
  return either([15, straight], [1, round]);
}

interface Grammar {
  /** Whether the consumers and bodies of a program run beside each other. If not, no tick more or less changes what it does. */
  isConcurrent: boolean;
  /** Whether a consumer pulls several times before it waits for all that comes of it. */
  hasBatches?: boolean;
}

const AsyncFunction = (async () => {}).constructor as new (...texts: string[]) => unknown;

/** Node 24 and newer. */
const hasAwaitUsing = (() => {
  try {
    return typeof new AsyncFunction('await using it = null;') === 'function';
  } catch {
    return false;
  }
})();

/** A block in which `it` is what `of` gives, and at whose end it is disposed of; by hand where the language has no such statement. */
function using(of: Text, statements: Text): Text {
  const template = hasAwaitUsing
    ? '{\n  await using it = $0;\n$1\n}'
    : '{\n  const it = $0;\n  try {\n$1\n  } finally {\n    await w.dispose(it);\n  }\n}';
  return format(template, of, statements);
}

/** The functions that may be called from somewhere. */
interface Callees {
  generators: readonly string[];
  hands: readonly string[];
}

function source({ generators, hands }: Callees, sources: Text[] = []): Text {
  const generator = generators.length === 0 ? [] : [format('w.call($0)', among(...generators))];
  const hand = hands.length === 0 ? [] : [format('$0w.call($1)', among('await ', ''), among(...hands))];
  return either(
    ...generator.map((text): [number, Text] => [5, text]),
    ...hand.map((text): [number, Text] => [3, text]),
    ...sources.map((text): [number, Text] => [4, text]),
    [1, format('[$0, $1]', expression, value)],
    [1, format("(function* () { try { yield $0; yield $1; } finally { see(@, 'closed'); } })()", expression, value)],
    [
      1,
      format("(async function* () { try { yield $0; yield $1; } finally { see(@, 'closed'); } })()", expression, value),
    ],
  );
}

/** What a function of the program has returned, and perhaps promised. */
function called({ generators, hands }: Callees): Text {
  const names = [...generators, ...hands];
  return names.length === 0 ? fixed('null') : format('await w.call($0)', among(...names));
}

/** How a loop goes on after an item. */
function loop(of: Text, more: Text): Text {
  const exit = either([2, fixed('break;')], [1, format('throw $0;', error)]);
  return either(
    [2, format('for await (const item of $0) {\n  see(@, item);\n$1\n}', of, more)],
    [
      2,
      format(
        'let left = $0;\nfor await (const item of $1) {\n  see(@, item);\n$2\n  if (--left === 0) $3\n}',
        some,
        of,
        more,
        exit,
      ),
    ],
  ).map((text) => `{\n${indent(text)}\n}`);
}

function bodyStatement(callees: Callees, { isConcurrent }: Grammar): Text {
  const beside = isConcurrent ? 1 : 0;
  const { statement } = fc.letrec<{ statement: string; block: string }>((tie) => ({
    block: fc
      .array(tie('statement'), { maxLength: 3, depthIdentifier: 'body' })
      .map((texts) => indent(texts.join('\n'))),
    statement: fc.oneof(
      { depthIdentifier: 'body', maxDepth: 4, depthSize: 'small' },
      { weight: 10, arbitrary: format('see(@, yield $0);', expression) },
      { weight: 3, arbitrary: format('see(@, await $0);', expression) },
      { weight: 2, arbitrary: wait },
      { weight: 1, arbitrary: format('throw $0;', error) },
      { weight: 1, arbitrary: format('return $0;', expression) },
      { weight: 3, arbitrary: format('see(@, yield* $0);', source(callees)) },
      { weight: 2 * beside, arbitrary: format('w.float(see, @, () => $0);', pull(['w.self(id)'])) },
      { weight: beside, arbitrary: format('w.float(see, @, () => $0);', pull(OBJECTS)) },
      { weight: beside, arbitrary: format('see(@, await $0);', pull(OBJECTS)) },
      {
        weight: 2,
        arbitrary: format('try {\n$0\n} catch (error) {\n  see(@, error);\n$1\n}', tie('block'), tie('block')),
      },
      {
        weight: 3,
        arbitrary: format("try {\n$0\n} finally {\n  see(@, 'finally');\n$1\n}", tie('block'), tie('block')),
      },
      { weight: 1, arbitrary: format('for (let i = 0; i < 2; i++) {\n$0\n}', tie('block')) },
      { weight: 1, arbitrary: using(called(callees), tie('block')) },
      {
        weight: 1,
        arbitrary: using(called(callees), format('  see(@, yield* it);\n$0', tie('block'))),
      },
      {
        weight: 3,
        arbitrary: loop(
          source(callees),
          either([1, fixed('')], [2, fixed('  see(@, yield item);')], [1, tie('block')]),
        ),
      },
    ),
  }));
  return statement;
}

/** Definition of an async generator. */
function generator(name: string, callees: Callees, grammar: Grammar): Text {
  const body = block(bodyStatement(callees, grammar), 6);
  const parameters = either([15, fixed('id, see')], [1, fixed("id, see, fails = w.raise(w.error('in the call'))")]);
  return format(`const ${name} = w.trace('${name}', async function* ($0) {\n$1\n});`, parameters, body);
}

/** Definition of a function that returns something else than a generator of its own. */
function handMade(name: string, isClosable: boolean): Text {
  const item = either(
    [6, format('{ value: $0, done: false }', value)],
    [1, format('{ value: $0 }', value)],
    [1, format('w.lazy(@, $0)', value)],
    [1, format('{ value: $0, done: true }', value)],
  );
  const settled = (result: Text) =>
    either(
      [5, format('(see) => w.after($0, $1)', few, result)],
      [1, format('(see) => ($0)', result)],
      [1, format('(see) => w.thenable($0, $1)', few, result)],
      [1, format('(see) => w.failing($0, $1)', few, error)],
      [1, format('(see) => w.failingThenable($0, $1)', few, error)],
      [1, format('(see) => { throw $0; }', error)],
    );
  const returned = settled(
    either(
      [4, format('{ value: $0, done: true }', value)],
      [1, fixed('{}')],
      [1, format('{ value: $0 }', value)],
      [1, format('{ value: $0, done: false }', value)],
      [1, fixed('1')],
    ),
  );
  const thrown = either([1, settled(item)], [1, format('(see, given) => w.failing($0, given)', few)]);
  const member = (key: string, result: Text, weight: number) =>
    either([weight, format(`\n  ${key}: $0,`, result)], [1, fixed('')]);
  const object = format(
    "w.hand({\n  given: '$0',\n  iterates: '$1',\n  next: [$2],$3$4$5\n})",
    either([2, fixed('at once')], [2, fixed('promised')], [1, fixed('thenable')]),
    among('with itself', 'with new iterators'),
    fc.array(settled(item), { maxLength: 4 }).map((texts) => texts.map((text) => `\n    ${text},`).join('') + '\n  '),
    isClosable ? format('\n  return: $0,', returned) : fixed(''),
    member('throw', thrown, 1),
    member('dispose', settled(fixed('undefined')), 1),
  );
  const other = either(
    [2, fixed(`() => w.call(${INNERMOST})`)],
    [1, format(`() => w.after($0, w.call(${INNERMOST}))`, few)],
    [1, format('() => $0', expression)],
    [1, format('() => { throw $0; }', error)],
  );
  return format(`const ${name} = w.trace('${name}', $0);`, either([6, object], [1, other]));
}

/** Pulls of one object that do not wait for each other. What comes of some of them nobody ever looks at. */
const batch = (constraints: { minLength: number; maxLength: number }) =>
  fc
    .array(
      format(
        "['$0', $1, $2]",
        either([4, fixed('next')], [1, fixed('return')], [1, fixed('throw')]),
        either([3, expression], [1, error]),
        either([4, fixed('true')], [1, fixed('false')]),
      ),
      constraints,
    )
    .map((pulls) => `[${pulls.join(', ')}]`);

function flowStatement({ isConcurrent, hasBatches = false }: Grammar, callees: Callees): Text {
  const object = among(...OBJECTS);
  const beside = isConcurrent ? 1 : 0;
  const items = source(callees, [object, format('w.through($0)', object)]);
  const attempt = (statement: Text) =>
    format('try {\n$0\n} catch (error) {\n  see(@, error);\n}', statement.map(indent));
  return either(
    [6, attempt(format('see(@, await $0);', pull(OBJECTS)))],
    [6 * beside, format('w.float(see, @, () => $0);', pull(OBJECTS))],
    [1, format('w.drop(() => $0);\nawait w.macrotask();', pull(OBJECTS))],
    [beside, format('w.drop(() => $0);', pull(OBJECTS))],
    [
      4,
      attempt(
        loop(
          items,
          either([2, fixed('')], [1, wait.map(indent)], [beside, attempt(format('see(@, await $0);', pull(OBJECTS)))]),
        ),
      ),
    ],
    [1, attempt(format('see(@, await w.fromAsync($0));', items))],
    [
      beside,
      attempt(
        format("await w.readable(see, @, $0, $1, '$2');", items, some, among('end', 'break', 'throw', 'destroy')),
      ),
    ],
    [beside, attempt(format('await w.pipe(see, @, $0, $1);', items, some))],
    [1, attempt(format('see(@, await w.dispose($0));', object))],
    [
      2,
      attempt(
        using(
          either([1, object], [1, called({ generators: callees.generators, hands: HANDS })]),
          either(
            [1, block(format('see(@, await $0);', pull(['it'])), 2)],
            [1, loop(fixed('it'), fixed('')).map(indent)],
            [beside, block(format('w.float(see, @, () => $0);', pull(['it'])), 3)],
          ),
        ),
      ),
    ],
    [
      hasBatches ? 6 : 0,
      format(
        'await w.together(see, @, $0, $1, $2);',
        object,
        batch({ minLength: 2, maxLength: 5 }),
        batch({ minLength: 0, maxLength: 2 }),
      ),
    ],
    [hasBatches ? 1 : 0, fixed('w.disable();')],
    [2, wait],
    [1, attempt(format('$0 = $1;', object, callOf()))],
    [1, attempt(format('see(@, w.look($0));', object))],
  );
}

/** Calls of the functions of a program. */
function callOf(): Text {
  return either(
    [4, format('w.call($0)', among(...GENERATORS, INNERMOST))],
    [1, format('w.call($0)', among(...HANDS))],
    [2, format('await w.call($0)', among(...HANDS))],
    [2, format('(await w.call($0))[Symbol.asyncIterator]()', among(...HANDS))],
  );
}

/** Only definitions that something uses. */
function withoutUnused(definitions: string[], rest: string): string {
  let text = rest;
  for (const definition of [...definitions].reverse()) {
    const name = /^const (\w+)/.exec(definition)?.[1] as string;
    if (new RegExp(`\\b${name}\\b`).test(text)) text = `${definition}\n${text}`;
  }
  return text;
}

function program(grammar: Grammar, options: fc.Arbitrary<ProgramOptions>): fc.Arbitrary<Program> {
  const hands = grammar.isConcurrent ? HANDS : [...HANDS, UNCLOSABLE];
  const definitions = fc.tuple(
    generator(INNERMOST, { generators: [], hands: [] }, grammar),
    ...HANDS.map((name) => handMade(name, true)),
    handMade(UNCLOSABLE, false),
    generator('g1', { generators: [INNERMOST], hands }, grammar),
    generator('g0', { generators: ['g1', INNERMOST], hands }, grammar),
  );
  const objects = fc
    .array(callOf(), { minLength: 1, maxLength: OBJECTS.length })
    .map((calls) =>
      calls.map((call, index) => `try { ${OBJECTS[index]} = ${call}; } catch (error) { w.flow('main')(@, error); }`),
    );
  const statement = flowStatement(grammar, { generators: [...GENERATORS, INNERMOST], hands });
  const disable: Text = either([12, fixed('')], [1, format('$0\nw.disable();', wait)]);
  const flow = (name: string) =>
    fc.array(statement, { minLength: 1, maxLength: 6 }).map((texts) => {
      const body = indent(texts.join('\n'));
      return `flows.push((async (see) => {\n${body}\n})(w.flow('${name}')));`;
    });
  const flows = grammar.isConcurrent
    ? fc.tuple(flow('A'), fc.option(flow('B'), { nil: '' }), disable).map((texts) => texts.filter(Boolean).join('\n'))
    : flow('A');
  return fc.tuple(definitions, objects, flows, options).map(([defined, created, flown, chosen]) => {
    const names = OBJECTS.slice(0, created.length);
    const rest = [`let ${names.join(', ')};`, ...created, 'const flows = [];', flown, 'await Promise.all(flows);'].join(
      '\n',
    );
    // Objects that there are none of: the first of those that there are.
    const missing = new RegExp(`(?<![\\w'.])(${OBJECTS.slice(created.length).join('|') || 'none'})(?![\\w'])`, 'g');
    const text = withoutUnused(defined, rest).replace(missing, 'a');
    let place = 0;
    return { options: chosen, text: text.replace(PLACE, () => String(++place)) };
  });
}

const options = (preserve: fc.Arbitrary<boolean>): fc.Arbitrary<ProgramOptions> =>
  fc.record({
    timing: fc.boolean(),
    contextFrom: fc.constantFrom('pull', 'creation'),
    startOn: fc.oneof(
      { weight: 3, arbitrary: fc.constant('pull' as const) },
      { weight: 1, arbitrary: fc.constant('call' as const) },
    ),
    preserveUnhandledRejections: preserve,
    spans: fc.oneof(
      { weight: 8, arbitrary: fc.constant('recorded' as const) },
      { weight: 1, arbitrary: fc.constantFrom('not sampled' as const, 'without an SDK' as const) },
    ),
    contextSwitch: fc.constantFrom('as Node allows', 'by the API'),
    isMeasured: fc.boolean(),
  });

/** Programs that may do several things at once, and may not take a tick longer traced. */
export const concurrentPrograms = program({ isConcurrent: true }, options(fc.constant(false)));

/**
 * Programs that do one thing after another: what is documented to take a tick longer (`preserveUnhandledRejections`, and the `return`
 * that iterators without one are given) changes nothing of what they do, nor in which order.
 */
export const sequentialPrograms = program({ isConcurrent: false }, options(fc.boolean()));

/** Programs that have several pulls of a generator under way at once, each of which takes a tick longer. */
export const batchPrograms = program({ isConcurrent: false, hasBatches: true }, options(fc.constant(true)));
