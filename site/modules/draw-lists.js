/* The long lists by columns (§3, §4, §8–§10): typed arrays, so that a million entries fit a browser. */

import { keystream, sha256 } from "./draw-crypto.js";
import { FAMILY_LIMIT, RECORD, RESULT, SELECTED, recordHolds } from "./draw-records.js";
import { CHUNK_RECORDS, hashChunk, hashPair } from "./draw-tree.js";
import { demand } from "./draw-values.js";

const RESERVE = 2;
const NOT_SELECTED = 3;
const BLOCK = 65536;
const AT_ONCE = 64;

/** The root over all records; `progress(done)` hears how many bytes were hashed. */
export async function treeRoot(data, recordSize, progress = () => {}) {
  const size = CHUNK_RECORDS * recordSize;
  let level = [];
  for (let from = 0; from < data.length; from += AT_ONCE * size) {
    const jobs = [];
    for (let at = from; at < Math.min(data.length, from + AT_ONCE * size); at += size) {
      jobs.push(hashChunk(data.subarray(at, at + size)));
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
    above.push(at + 1 < level.length ? hashPair(level[at], level[at + 1]) : level[at]);
  }
  return above;
}

/** `roster.bin` by columns, every record checked. `family` numbers the groups from 1. */
export function parseRoster(data, familyLimit, pools) {
  const n = data.length / RECORD;
  for (let index = 0; index < n; index += 1) {
    demand(data[index * RECORD + RECORD - 1] === 0, "roster_record", { index });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const columns = { n, pool: new Uint8Array(n), status: new Uint8Array(n), family: new Uint32Array(n), rooms: [0] };
  const numbers = new Map();
  const groups = [0];
  const members = [0];
  for (let index = 0; index < n; index += 1) {
    const at = index * RECORD;
    demand(index === 0 || ascends(data, at), "roster_order", { index });
    const group = view.getUint32(at + 32);
    const [room, pool, status] = [data[at + 36], data[at + 37], data[at + 38]];
    demand(recordHolds(group, room, pool, status, familyLimit, pools), "roster_record", { index });
    columns.pool[index] = pool;
    columns.status[index] = status;
    if (!group) continue;
    let family = numbers.get(group);
    if (family === undefined) {
      family = columns.rooms.length;
      numbers.set(group, family);
      columns.rooms.push(room);
      groups.push(group);
      members.push(0);
    }
    demand(columns.rooms[family] === room, "roster_room", { index });
    members[family] += 1;
    columns.family[index] = family;
  }
  for (let family = 1; family < groups.length; family += 1) {
    demand(members[family] > columns.rooms[family], "roster_group", { group: groups[family] });
  }
  return columns;
}

/** Whether the commitment at `at` is more than the one before. */
function ascends(data, at) {
  for (let place = at; place < at + 32; place += 1) {
    const [now, before] = [data[place], data[place - RECORD]];
    if (now !== before) return now > before;
  }
  return false;
}

/** Indexes of the eligible entries, the smallest number first (§8, §9). */
export async function ranking(seed, columns, progress = () => {}) {
  const stream = new Uint8Array(16 * columns.n);
  for (let first = 0; first < columns.n; first += BLOCK) {
    const blocks = Math.min(BLOCK, columns.n - first);
    stream.set(await keystream(seed, blocks, first), 16 * first);
    progress(first + blocks);
  }
  const view = new DataView(stream.buffer);
  const starts = new Uint32Array(65537);
  for (let index = 0; index < columns.n; index += 1) {
    if (!columns.status[index]) starts[view.getUint16(16 * index) + 1] += 1;
  }
  for (let bucket = 0; bucket < 65536; bucket += 1) starts[bucket + 1] += starts[bucket];
  const order = new Uint32Array(starts[65536]);
  const ends = starts.slice(0, 65536);
  for (let index = 0; index < columns.n; index += 1) {
    if (columns.status[index]) continue;
    const bucket = view.getUint16(16 * index);
    insert(order, starts[bucket], ends[bucket], index, view);
    ends[bucket] += 1;
  }
  return order;
}

/** Put an index into its place among those of its bucket; a bucket has few. */
function insert(order, start, end, index, view) {
  let at = end;
  while (at > start && less(view, index, order[at - 1])) {
    order[at] = order[at - 1];
    at -= 1;
  }
  order[at] = index;
}

function less(view, a, b) {
  for (let word = 0; word < 16; word += 4) {
    const [one, other] = [view.getUint32(16 * a + word), view.getUint32(16 * b + word)];
    if (one !== other) return one < other;
  }
  return false;
}

/** `results.bin`: who is selected, on reserve, or neither, and with which rank (§9, §10). */
export function allocate(columns, order, params) {
  const outcome = new Uint8Array(columns.n);
  const byPool = new Uint8Array(columns.n);
  const taken = new Uint32Array(columns.rooms.length);
  const full = (family) => family !== 0 && taken[family] >= columns.rooms[family];
  const fill = (places, what, pool) => {
    let filled = 0;
    for (let rank = 0; rank < order.length && filled < places; rank += 1) {
      const index = order[rank];
      const family = columns.family[index];
      if (outcome[index] || (pool && columns.pool[index] !== pool) || full(family)) continue;
      taken[family] += 1;
      outcome[index] = what;
      byPool[index] = pool;
      filled += 1;
    }
    return filled;
  };
  let selected = 0;
  params.pools.forEach((pool, index) => {
    selected += fill(pool.seats, SELECTED, index + 1);
  });
  fill(params.quota - selected, SELECTED, 0);
  fill(params.reserve, RESERVE, 0);
  const results = new Uint8Array(RESULT * columns.n);
  const view = new DataView(results.buffer);
  order.forEach((index, place) => {
    const left = full(columns.family[index]) ? FAMILY_LIMIT : NOT_SELECTED;
    results[RESULT * index] = outcome[index] || left;
    results[RESULT * index + 1] = byPool[index];
    view.setUint32(RESULT * index + 4, place + 1);
  });
  return results;
}
