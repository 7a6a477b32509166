import { countTicks } from '../lib/ticks.mjs';
import { exactColumn, iteratorOf } from './support.mjs';

/** Microtask ticks from a pull in the middle of a run until its consumer hears of the item. */
export default exactColumn({
  name: 'ticks',
  label: 'microtask ticks per pull',
  unit: 'ticks',
  async valueOf(program) {
    const generator = iteratorOf(await program.items(3));
    await generator.next();
    const ticks = await countTicks(() => generator.next());
    await generator.return();
    return ticks;
  },
});
