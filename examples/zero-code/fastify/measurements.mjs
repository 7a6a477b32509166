import { readSensor } from './sensor.mjs';

/** A line of JSON for each measurement. */
export async function* measurements(count) {
  let remaining = count;
  for await (const celsius of readSensor()) {
    yield `${JSON.stringify({ celsius })}\n`;
    remaining -= 1;
    if (remaining === 0) break;
  }
}
