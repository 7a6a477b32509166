export function peerTables() {
  return [];
}
