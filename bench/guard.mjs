// Tells a regression from a busy machine. The budget is what is aimed at; a machine that does something else, or another kind of machine, gives
// other ratios, so only what is far over it fails, and only if it is so again.
import { compareWithBudget } from './report/budget.mjs';

/** By how much a time may be over its budget. What is counted may not. */
const LEEWAY = 1.5;
/** How often it is measured at most; the best counts. */
const TRIES = 3;

/**
 * @param node `{ major, measurements }`
 * @param isWanted `(column) => boolean`: which columns should have been measured
 * @param measureAgain `(columns, conditions) => Promise<measurements>`, by name; without it what there is counts
 * @returns a sentence for each point of the budget that is over its bound, or was not measured
 */
export async function findRegressions(node, { isWanted = () => true, measureAgain } = {}) {
  let checks = compareWithBudget(node).filter(({ of }) => isWanted(of.column));
  let tries = 1;
  for (; tries < TRIES && measureAgain !== undefined && checks.some(isOver); tries++) {
    const over = checks.filter(isOver).map(({ of }) => of);
    const measurements = await measureAgain(
      new Set(over.map(({ column }) => column)),
      new Set(over.map(({ condition }) => condition)),
    );
    const again = compareWithBudget({ ...node, measurements });
    checks = checks.map((check) =>
      better(
        check,
        again.find(({ name }) => name === check.name),
      ),
    );
  }
  return checks.filter(isOver).map((check) => sentence(node.major, check, tries));
}

/** What is over its budget for good is held to what it is. */
const boundOf = ({ limit, known = limit, isExact }) => (isExact ? limit : known * LEEWAY);

/** Also if there is no value: what is not measured any more is not guarded. */
const isOver = (check) => !(check.value <= boundOf(check));

const better = (first, second) => (first.value === undefined || second.value < first.value ? second : first);

function sentence(major, check, tries) {
  const { name, text, limit, known, isExact } = check;
  const what = `Node ${major}: ${name}:`;
  if (text === undefined) return `${what} was not measured`;
  const bound = Number(boundOf(check).toFixed(3));
  const measure = known === undefined ? `the budget of ${limit}` : `the ${known} that it is known to be`;
  const reason = isExact ? 'counted, so there is no leeway' : `${LEEWAY} times ${measure}`;
  return `${what} ${text} is over the bound of ${bound} (${reason})${tries > 1 ? `, the best of ${tries} tries` : ''}`;
}
