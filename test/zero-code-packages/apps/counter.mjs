// The importer of a live binding sees every change.
export let clicks = 0;
export function click() {
  clicks++;
}
export { clicks as default };
