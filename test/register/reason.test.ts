import { expect } from 'chai';
import { reasonOf } from '../../src/register/exports/reason';

describe('the reason why an export has failed', () => {
  it('is what the code of a network error means, which may have no message', () => {
    expect(reasonOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).to.equal('connection refused');
  });

  it('is found in the message of gRPC', () => {
    const message =
      '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:4317.';
    expect(reasonOf(Object.assign(new Error(message), { code: 14 }))).to.equal('connection refused');
  });

  it('is else the message', () => {
    expect(reasonOf(Object.assign(new Error('Unauthorized'), { code: 401 }))).to.equal('Unauthorized');
  });

  it('is unknown where nothing says more', () => {
    expect(reasonOf(undefined)).to.equal('unknown error');
  });
});
