// What is measured over something that grows.
import functions from './functions.mjs';
import items from './items.mjs';
import nesting from './nesting.mjs';
import { openRunsBytes, openRunsTime } from './open-runs.mjs';
import targets from './targets.mjs';

export const growth = [openRunsTime, openRunsBytes, items, functions, targets, nesting];
