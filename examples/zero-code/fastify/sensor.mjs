import { setTimeout } from 'node:timers/promises';

const READINGS = [20.1, 20.4, 20.2, 20.9, 21.3];

/** What the sensor measures, for as long as somebody reads. */
export async function* readSensor() {
  console.log('sensor:        switched on');
  try {
    for (let i = 0; ; i++) {
      await setTimeout(20);
      yield READINGS[i % READINGS.length];
    }
  } finally {
    console.log('sensor:        switched off');
  }
}
