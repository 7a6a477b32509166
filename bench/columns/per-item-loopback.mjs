import { openEcho } from '../lib/echo.mjs';
import { oneRun, timeColumn } from './support.mjs';

/** A generator that reads from a TCP connection on 127.0.0.1 for every item: what a real one does, at its fastest. */
export default timeColumn({
  name: 'per-item-loopback',
  label: 'per item, one loopback read',
  clock: 'wall',
  sampleOf: oneRun('itemsFromSocket'),
  async open() {
    const { read, close } = await openEcho();
    return { prepare: (program) => program.setRead(read), close };
  },
});
