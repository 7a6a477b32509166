/** What generated programs report to. It tells all that a program can find out of a function, and what happens when that is called. */

/**
 * @returns `globals` for a program; `finish` calls what it has shown and resolves with all that it has told
 */
function createHarness() {
  const told = [];
  const shown = [];
  const log = (...values) => told.push(values.map(text).join(' '));
  Object.assign(log, {
    yes: true,
    no: false,
    zero: 0,
    key: 'key',
    symbol: Symbol('symbol'),
    fail: () => {
      throw new Error('failed');
    },
  });
  const show = (label, value) => {
    told.push(`${label}: ${describe(value)}`);
    shown.push([label, value]);
  };
  const finish = async () => {
    for (let index = 0; index < shown.length && index < 300; index++) {
      const [label, value] = shown[index];
      for (const [path, owner, fn] of functionsOf(label, value)) await call(path, owner, fn);
    }
    return told.join('\n');
  };
  return { globals: { log, show, lines }, finish };

  async function call(path, owner, fn) {
    told.push(`${path}()`);
    try {
      const result = Reflect.apply(fn, owner, []);
      told.push(`  returns ${describe(await result)}`);
      if (typeof result?.next !== 'function') return;
      for (let count = 0; count < 4; count++) {
        const { done, value } = await result.next(count);
        told.push(`  ${done ? 'ends with' : 'yields'} ${text(value)}`);
        if (done) break;
      }
      await result.return();
    } catch (error) {
      told.push(`  throws ${text(error)}`, ...lines(error, fn.name).map((line) => `    ${line}`));
    }
  }
}

/** The functions that are in a value which was shown. */
function functionsOf(path, value) {
  if (typeof value === 'function' && !/^class/.test(Function.prototype.toString.call(value))) {
    return [[path, undefined, value]];
  }
  if (Object(value) !== value) return [];
  return Reflect.ownKeys(value).flatMap((key) => {
    const { value: member } = Reflect.getOwnPropertyDescriptor(value, key);
    if (typeof member === 'function' && key !== 'constructor') return [[`${path}.${String(key)}`, value, member]];
    return Array.isArray(value) ? functionsOf(`${path}.${key}`, member) : [];
  });
}

/**
 * The lines in the stack of an error, of the program only, and which are of the function of that name. Not the names of the others: those that
 * have none are called by V8 after whatever was written before them.
 */
function lines(error, name) {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, frames) => frames;
  try {
    return error.stack
      .filter((frame) => /program\.\w+$/.test(frame.getFileName()))
      .map((frame) => `${frame.getFunctionName() === name ? name : 'at'} line ${frame.getLineNumber()}`);
  } catch {
    return [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

function text(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'function') return `function ${typeof value.name === 'string' ? value.name : ''}`;
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
}

function describe(value, depth = 0) {
  if (Object(value) !== value) return String(value);
  const properties = Reflect.ownKeys(value).map((key) => {
    const { value: member, get, set, ...flags } = Reflect.getOwnPropertyDescriptor(value, key);
    const flagText = Object.entries(flags)
      .map(([flag, is]) => (is ? flag[0] : '-'))
      .join('');
    if (get || set) return `${String(key)} ${flagText} ${get?.name} ${set?.name}`;
    return `${String(key)} ${flagText} ${depth < 2 && key !== 'constructor' ? describe(member, depth + 1) : text(member)}`;
  });
  const prototype = Object.getPrototypeOf(value);
  const kind = `${typeof value} ${Object.prototype.toString.call(value)} of ${text(prototype)}`;
  return `${kind} { ${properties.join(', ')} }`;
}

module.exports = { createHarness };
