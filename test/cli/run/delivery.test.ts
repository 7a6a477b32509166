import { expect } from 'chai';
import { whatWasNotDelivered } from '../../../src/cli/run/delivery';
import type { Thread } from '../../../src/cli/run/model';
import { THREAD } from './runs';

const ENDPOINT = new URL('http://user:secret@localhost:4318');

const losing = (undelivered: Thread['undelivered']): Thread => ({ ...THREAD, undelivered });

describe('what was not delivered', () => {
  const refused = losing({ signals: ['traces', 'logs'], isAll: true, reason: 'connection refused' });

  it('is told with its destination, but without the password in that, and the reason', () => {
    expect(whatWasNotDelivered([refused], ENDPOINT)).to.deep.equal([
      'Nothing was delivered to http://localhost:4318 (traces, logs): connection refused.',
    ]);
  });

  it('may be a part', () => {
    const [sentence] = whatWasNotDelivered(
      [losing({ signals: ['logs'], isAll: false, reason: 'Not Found' })],
      ENDPOINT,
    );
    expect(sentence).to.equal('Not everything was delivered to http://localhost:4318 (logs): Not Found.');
  });

  it('may have no known reason', () => {
    const thread = losing({ signals: ['traces'], isAll: true, reason: undefined });
    expect(whatWasNotDelivered([thread], ENDPOINT)[0]).to.match(/: no answer in time\.$/);
  });

  it('is told once for all processes', () => {
    expect(whatWasNotDelivered([refused, refused, THREAD], ENDPOINT)).to.have.length(1);
  });

  it('is nothing where nobody has asked for it', () => {
    expect(whatWasNotDelivered([refused], undefined)).to.deep.equal([]);
  });
});
