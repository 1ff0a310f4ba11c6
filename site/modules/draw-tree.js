/* The tree over chunks of 256 records (§4), and the way from one chunk to the root (§11). */

import { sha256 } from "./draw-crypto.js";
import { demand } from "./draw-values.js";

export const CHUNK_RECORDS = 256;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const AT_ONCE = 64;

/** The root over all records; `progress(done)` hears how many bytes were hashed. */
export async function treeRoot(data, recordSize, progress = () => {}) {
  const size = CHUNK_RECORDS * recordSize;
  let level = [];
  for (let from = 0; from < data.length; from += AT_ONCE * size) {
    const jobs = [];
    for (let at = from; at < Math.min(data.length, from + AT_ONCE * size); at += size) {
      jobs.push(sha256(LEAF, data.subarray(at, at + size)));
    }
    level.push(...(await Promise.all(jobs)));
    progress(Math.min(data.length, from + AT_ONCE * size));
  }
  if (!level.length) return sha256(new Uint8Array(0));
  while (level.length > 1) level = await Promise.all(pairs(level));
  return level[0];
}

function pairs(level) {
  const above = [];
  for (let at = 0; at < level.length; at += 2) {
    above.push(at + 1 < level.length ? sha256(NODE, level[at], level[at + 1]) : level[at]);
  }
  return above;
}

/** The root that a chunk and the hashes beside its way up lead to (RFC 9162 §2.1.3.2). */
export async function pathRoot(chunk, leaf, leaves, path) {
  let place = leaf;
  let last = leaves - 1;
  let found = await sha256(LEAF, chunk);
  for (const beside of path) {
    demand(last > 0, "proof_path");
    if (place % 2 || place === last) {
      found = await sha256(NODE, beside, found);
      while (place && place % 2 === 0) [place, last] = [place >> 1, last >> 1];
    } else found = await sha256(NODE, found, beside);
    [place, last] = [place >> 1, last >> 1];
  }
  demand(last === 0, "proof_path");
  return found;
}
