/**
 * Counts microtask ticks, for as long as something happens: then macrotasks have to come first, and the next turn begins.
 */
const IDLE_TICKS = 50;

export class Ticks {
  private turn = 0;
  private tick = 0;
  private idle = 0;
  private isCounting = false;

  /** The moment, as turn and tick. */
  now(): string {
    if (!this.isCounting) {
      this.isCounting = true;
      this.turn++;
      this.tick = 0;
      this.count();
    }
    this.idle = 0;
    return `${this.turn}.${this.tick}`;
  }

  private readonly count = (): void => {
    void Promise.resolve().then(this.next);
  };

  private readonly next = (): void => {
    this.tick++;
    if (++this.idle < IDLE_TICKS) this.count();
    else this.isCounting = false;
  };
}
