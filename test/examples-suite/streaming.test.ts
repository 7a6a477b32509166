import { expect } from 'chai';
import { ancestry, describeExample } from './support';

describeExample({
  title: 'the Fastify example',
  app: 'fastify/app.mjs',
  runs: [
    'measurements completed 5',
    '  readSensor returned 5',
    // The second client disconnects. How much of the endless stream it missed is a matter of timing.
    /^measurements returned \d+$/,
    /^ {2}readSensor returned \d+$/,
  ],
  more(spans) {
    it('makes a run a part of the request that it answers', () => {
      expect(ancestry(spans(), 'readSensor')).to.deep.equal(['readSensor', 'measurements', 'GET SERVER', 'GET CLIENT']);
    });
  },
});

describeExample({
  title: 'the Hono example',
  app: 'hono/app.mjs',
  runs: [
    'tellStory completed 8',
    '  generateWords returned 8',
    // As above.
    /^tellStory returned \d+$/,
    /^ {2}generateWords returned \d+$/,
  ],
  more(spans) {
    it('makes a run a part of the request that it answers', () => {
      expect(ancestry(spans(), 'generateWords')).to.deep.equal([
        'generateWords',
        'tellStory',
        'GET SERVER',
        'GET CLIENT',
      ]);
    });
  },
});
