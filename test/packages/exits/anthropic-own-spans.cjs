/** Messages of Anthropic's client, which makes spans itself from 0.134 on: ours are plain runs around those, and end on every exit. */
const scenario = require('./anthropic.cjs');

module.exports = {
  ...scenario,
  packages: ['anthropic-0.134', 'anthropic-1'],
  open: (api, tools) => scenario.open(api, tools, true),
  isToldByClient: true,
  spans: () => ({
    name: 'anthropic.messages.create',
    attributes: { 'gen_ai.operation.name': undefined, 'gen_ai.request.model': undefined },
  }),
  metrics: undefined,
};
