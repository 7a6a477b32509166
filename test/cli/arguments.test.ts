import { expect } from 'chai';
import { parseArguments } from '../../src/cli/arguments';
import { UsageError } from '../../src/cli/usage-error';

const SPECS = {
  targets: { short: 't', value: 'TARGETS', multiple: true, description: '' },
  output: { short: 'o', value: 'FILE', description: '' },
  json: { description: '' },
} as const;

const parse = (...args: string[]) => parseArguments(args, SPECS, { command: 'run', stopAtOperand: true });

function mistakeIn(...args: string[]): string {
  try {
    parse(...args);
  } catch (error) {
    expect(error).to.be.instanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('expected a mistake');
}

describe('arguments', () => {
  it('are options up to the first operand, and somebody else’s from there', () => {
    const { options, operands } = parse('--json', '-t', 'a', 'app.mjs', '--json', '-x', '--', '-o');
    expect(options).to.deep.equal({ targets: ['a'], output: undefined, json: true });
    expect(operands).to.deep.equal(['app.mjs', '--json', '-x', '--', '-o']);
  });

  it('are options wherever they stand, for a command that takes operands of its own', () => {
    const { options, operands } = parseArguments(['a', '--json', 'b'], SPECS, { stopAtOperand: false });
    expect(options.json).to.equal(true);
    expect(operands).to.deep.equal(['a', 'b']);
  });

  it('collect an option that may be repeated, and take the last of one that may not', () => {
    const { options } = parse('-t', 'a', '--targets=b', '-tc', '-o', 'x', '--output', 'y');
    expect(options).to.deep.equal({ targets: ['a', 'b', 'c'], output: 'y', json: false });
  });

  it('end their options at --', () => {
    expect(parse('--json', '--', '-o.mjs', 'x').operands).to.deep.equal(['-o.mjs', 'x']);
  });

  it('may be none', () => {
    expect(parse()).to.deep.equal({ options: { targets: [], output: undefined, json: false }, operands: [] });
  });

  const MISTAKES: [string[], string][] = [
    [['--jsn'], 'there is no option --jsn; did you mean --json?'],
    [['--constructor'], 'there is no option --constructor'],
    [['-x'], 'there is no option -x'],
    [['-t'], '-t needs a value: -t TARGETS'],
    [['--output='], '--output needs a value: --output=FILE'],
    [['--output', '--json'], '--output needs a value, but "--json" follows. If that is the value: --output=--json'],
    [['-o', '-t'], '-o needs a value, but "-t" follows. If that is the value: -o-t'],
    [['--json=yes'], '--json takes no value, but got "yes"'],
  ];
  for (const [args, message] of MISTAKES) {
    it(`say what is wrong with ${args.join(' ')}`, () => {
      expect(mistakeIn(...args)).to.equal(message);
    });
  }

  it('take a value that begins like an option where nothing else can be meant', () => {
    expect(parse('--output=-x').options.output).to.equal('-x');
  });
});
