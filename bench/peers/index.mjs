export const peers = [];
export async function loadPeer() {}
