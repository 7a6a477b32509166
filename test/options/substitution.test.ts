import { expect } from 'chai';
import * as yaml from 'yaml';
import { substitute, substituteInDocument } from '../../src/options/file';

/** As in the specification. */
const ENV = {
  STRING_VALUE: 'value',
  BOOL_VALUE: 'true',
  INT_VALUE: '1',
  FLOAT_VALUE: '1.1',
  HEX_VALUE: '0xdeadbeef',
  INVALID_MAP_VALUE: 'value\nkey:value',
  DO_NOT_REPLACE_ME: 'Never use this value',
  REPLACE_ME: '${DO_NOT_REPLACE_ME}',
  VALUE_WITH_ESCAPE: 'value$$',
  EMPTY: '',
};

function read(text: string): unknown {
  const document = yaml.parseDocument(text);
  substituteInDocument(document, ENV);
  return document.toJS();
}

// https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution
describe('references to environment variables in a file, as the specification has them', () => {
  const table: [input: string, value: unknown][] = [
    ['${STRING_VALUE}', 'value'],
    ['${BOOL_VALUE}', true],
    ['${INT_VALUE}', 1],
    ['${FLOAT_VALUE}', 1.1],
    ['${HEX_VALUE}', 0xdeadbeef],
    ['"${STRING_VALUE}"', 'value'],
    ['"${BOOL_VALUE}"', 'true'],
    ['"${INT_VALUE}"', '1'],
    ['"${FLOAT_VALUE}"', '1.1'],
    ['"${HEX_VALUE}"', '0xdeadbeef'],
    ['${env:STRING_VALUE}', 'value'],
    ['${INVALID_MAP_VALUE}', 'value\nkey:value'],
    ['foo ${STRING_VALUE} ${FLOAT_VALUE}', 'foo value 1.1'],
    ['${UNDEFINED_KEY}', null],
    ['${UNDEFINED_KEY:-fallback}', 'fallback'],
    ['${REPLACE_ME}', '${DO_NOT_REPLACE_ME}'],
    ['${UNDEFINED_KEY:-${STRING_VALUE}}', '${STRING_VALUE}'],
    ['$${STRING_VALUE}', '${STRING_VALUE}'],
    ['$$${STRING_VALUE}', '$value'],
    ['$$$${STRING_VALUE}', '$${STRING_VALUE}'],
    ['$${STRING_VALUE:-fallback}', '${STRING_VALUE:-fallback}'],
    ['$${STRING_VALUE:-${STRING_VALUE}}', '${STRING_VALUE:-value}'],
    ['${UNDEFINED_KEY:-$${UNDEFINED_KEY}}', '${UNDEFINED_KEY:-${UNDEFINED_KEY}}'],
    ['${VALUE_WITH_ESCAPE}', 'value$$'],
    ['a $$ b', 'a $ b'],
    ['a $ b', 'a $ b'],
    // What the table leaves open.
    ['${env:UNDEFINED_KEY:-fallback}', 'fallback'],
    ['${EMPTY:-fallback}', 'fallback'],
    ['"${UNDEFINED_KEY}"', ''],
    ['${UNDEFINED_KEY:-}', null],
    ['${UNDEFINED_KEY:-2}', 2],
    ['${UNDEFINED_KEY:-a:b}', 'a:b'],
    ['${UNDEFINED_KEY:-[1, 2]}', '[1, 2]'],
    ['"${UNDEFINED_KEY:-{a: 1}"', '{a: 1'],
    ["'${BOOL_VALUE}'", 'true'],
    ['|-\n  ${INT_VALUE}', '1'],
    ['[a, "${STRING_VALUE}"]', ['a', 'value']],
    ['\n  - ${INT_VALUE}\n  - inner: ${BOOL_VALUE}', [1, { inner: true }]],
  ];
  for (const [input, value] of table) {
    it(`key: ${input}`, () => {
      expect(read(`key: ${input}`)).to.deep.equal({ key: value });
    });
  }

  it('are left alone in keys', () => {
    expect(read('${STRING_VALUE}: ${STRING_VALUE}')).to.deep.equal({ '${STRING_VALUE}': 'value' });
  });

  it('work through anchors', () => {
    expect(read('a: &x ${STRING_VALUE}\nb: *x')).to.deep.equal({ a: 'value', b: 'value' });
  });

  it('work in JSON, where all values are in quotes', () => {
    expect(read('{\n\t"key": "${INT_VALUE}"\n}')).to.deep.equal({ key: '1' });
  });

  for (const malformed of ['${STRING_VALUE:?error}', '${1API_KEY}', '${API_$KEY}', '${A B}', '${sys:name}', '${:-x}']) {
    it(`are refused where they are malformed: ${malformed}`, () => {
      expect(() => substitute(`text ${malformed}`, ENV))
        .to.throw(SyntaxError)
        .with.property('message')
        .that.satisfies((message: string) => message.startsWith(`${malformed} is not a reference`));
    });
  }
});
