/**
 * What a row does not do, of what its behaviour was probed for, in words.
 *
 * @param facts see ../columns/behaviour.mjs
 */
export function shortcomingsOf(facts) {
  if (facts === undefined) return '';
  if (facts.spanEnds === 'no span') return 'no span';
  return [...spanShortcomings(facts), ...programShortcomings(facts)].join('; ') || 'nothing';
}

function spanShortcomings({ spanEnds, onBreak, abandoned, body, isSeenWithoutLoop }) {
  const list = [];
  if (spanEnds !== 'with the run') list.push(`the span ends ${spanEnds}`);
  if (onBreak.hasSpanEnded === false) list.push('the span leaks on `break`');
  if (abandoned.hasSpanEnded === false) list.push('the span of an abandoned run never ends');
  if (isSeenWithoutLoop === false) list.push('no span without `for await`');
  if (body !== 'in the span') list.push(`the body is ${body}`);
  return list;
}

function programShortcomings({ onBreak, consumer, protocol }) {
  const list = [];
  if (!onBreak.isBodyClosed) list.push('`break` does not close the generator');
  if (consumer !== 'its own') list.push('the consumer’s context is changed');
  const lost = Object.entries(protocol).filter(([name, isRight]) => name !== 'is an AsyncGenerator' && !isRight);
  if (lost.length > 0) list.push(`lost: ${lost.map(([name]) => name).join(', ')}`);
  if (!protocol['is an AsyncGenerator']) list.push('returns no generator');
  return list;
}
