/** A scenario for the helper of a client, made of that for its streams: it reads the stream of the request for itself, whatever the program does. */

/** Where the program leaves before the end, the server has sent no more than the program has read. */
const isLeft = (exit) => exit !== 'end' && exit !== 'error';

const WITHOUT = { abandoned: 'the helper itself reads the stream to its end' };

/** Those whose program hears of no error, traced or not. */
const SILENT = {
  'anthropic-0.14': 'the iteration of the helper ends without an error',
  'together-0.6': 'an error makes an unhandled ReferenceError in the helper',
  'together-0.52': 'an error makes an unhandled ReferenceError in the helper',
};

/**
 * @param name of the span
 * @param open gives the helper
 */
const helperScenario = (scenario, { packages, name, open }) => ({
  ...scenario,
  packages,
  spans: () => ({ name }),
  metrics: undefined,
  without: (workspace) => ({ ...WITHOUT, ...(SILENT[workspace] && { error: SILENT[workspace] }) }),
  // Of what it is to the server, only whether it ends.
  answer: (request, response, { exit, secret }) =>
    scenario.answer(request, response, { exit: isLeft(exit) ? 'abort' : exit, secret }),
  open(api, tools) {
    const helper = open(api, tools);
    // Without a listener, an error that comes after the loop would be an unhandled rejection.
    return helper.on('error', () => {}).on('abort', () => {});
  },
  show: (item) => scenario.show(item),
});

module.exports = { helperScenario };
