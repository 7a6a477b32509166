import { diag, DiagLogLevel } from '@opentelemetry/api';
import { expect } from 'chai';
import { AsyncGeneratorInstrumentation } from '../../src';
import { escapeControls, toPrintableJson } from '../../src/base/foreign-text';
import { logger } from '../../src/base/logger';

/** ESC, a C1 control that some terminals take for `ESC [`, one that turns the direction of writing, a line separator. */
const FOREIGN = 'a\u001b[31m\u009b31m\u202e\u2028';
const ESCAPED = 'a\\u001b[31m\\u009b31m\\u202e\\u2028';
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('text that others have written', () => {
  it('shows what would move the cursor, change colours or turn the direction of writing', () => {
    expect(escapeControls(`${FOREIGN}\n\r\t\u0085\ud800`)).to.equal(`${ESCAPED}\\n\\r\\t\\u0085\\ud800`);
    expect(escapeControls('\u{e0001}')).to.equal('\\u{e0001}');
  });

  it('stays as it is in any script', () => {
    expect(escapeControls('zähle 日本語')).to.equal('zähle 日本語');
  });

  it('is the same in JSON, and cannot be seen there but for line ends', () => {
    const value = { [FOREIGN]: [`${FOREIGN}\u{e0001}\ud800`, 'zähle'] };
    for (const indent of [undefined, 2]) {
      const json = toPrintableJson(value, indent);
      expect(JSON.parse(json)).to.deep.equal(value);
      expect(json.replaceAll('\n', '')).not.to.match(INVISIBLE);
    }
  });

  it('is shown in what the configuration is refused for', () => {
    const refusals = [
      { [FOREIGN]: 1 },
      { targets: [{ module: FOREIGN }] },
      { targets: [{ module: 'a', [FOREIGN]: 1 }] },
    ];
    for (const config of refusals) {
      expect(() => new AsyncGeneratorInstrumentation(config as object)).to.throw(TypeError, ESCAPED.slice(-6));
      expect(() => new AsyncGeneratorInstrumentation(config as object)).not.to.throw(TypeError, INVISIBLE);
    }
  });

  it('is shown in what is logged', () => {
    let logged: unknown;
    const write = (...line: unknown[]) => (logged = line.at(-1));
    diag.setLogger({ error: write, warn: write, info: write, debug: write, verbose: write }, DiagLogLevel.ALL);
    try {
      logger.warn(FOREIGN);
      expect(logged).to.equal(ESCAPED);
    } finally {
      diag.disable();
    }
  });
});
