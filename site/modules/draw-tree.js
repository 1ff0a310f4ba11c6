/* The hashes of the tree over chunks of 256 records (§4). */

import { sha256 } from "./draw-crypto.js";

export const CHUNK_RECORDS = 256;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The leaf of a chunk. */
export function hashChunk(chunk) {
  return sha256(LEAF, chunk);
}

/** The node above two others. */
export function hashPair(left, right) {
  return sha256(NODE, left, right);
}
