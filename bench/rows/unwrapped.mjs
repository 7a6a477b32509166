/** What every ratio is to. */
export default {
  name: 'unwrapped',
  label: 'unwrapped',
  load: (copy) => copy.load(),
};
