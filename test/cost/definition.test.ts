/** What it costs to make a function that source mode traces, in bytes: the same on every machine. */
import { expect } from 'chai';
import { inspect } from 'node:util';
import { define } from './support/measure';

/** Where Node tells Proxies from their targets when it prints them, ours have a function of their own as target (src/trace/function-proxy.ts). */
const hasShadow = inspect(new Proxy({}, {})).startsWith('Proxy(');

const BYTES_OF_PROXY_AND_HANDLER = 120;
const BYTES_OF_SHADOW = 400;

describe('A function that is made for every call', () => {
  it('allocates nothing beyond its stand-in before it is called', async () => {
    const { untraced, traced } = await define();
    expect(untraced).to.be.above(0);
    expect(traced - untraced).to.be.above(0);
    expect(traced - untraced).to.be.at.most(BYTES_OF_PROXY_AND_HANDLER + (hasShadow ? BYTES_OF_SHADOW : 0));
  });
});
