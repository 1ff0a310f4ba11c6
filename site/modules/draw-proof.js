/* The check of one entry, from its receipt and its proof (§2, §11). */

import { ed25519, hmac, keystream, verifyRound } from "./draw-crypto.js";
import { aboutWave, openPublished, openResult } from "./draw-published.js";
import { RECORD, RESULT, recordHolds, resultHolds } from "./draw-records.js";
import { CHUNK_RECORDS, hashChunk, hashPair } from "./draw-tree.js";
import { Fields, HIGHEST_U32, bigEndian, bytes, demand, fromBase64, fromHex, fromTime, join, same, step, toHex } from "./draw-values.js";

const RECEIPT = ["version", "wave", "entry", "salt", "commitment", "joined_at", "signature"];
const PROOF = ["version", "wave", "index", "roster_chunk", "roster_path", "results_chunk", "results_path"];
const quiet = { onStep: () => {}, verifyRound };

/** Check one applicant's proof with the small public files, the receipt and their own numbers (§11). */
export async function verifyProof(read, pinsBytes, own, options = {}) {
  const { onStep, verifyRound: beacon } = { ...quiet, ...options };
  const wave = await openPublished(read, pinsBytes, onStep);
  const signed = await openResult(read, wave, onStep);
  const commitment = await step("receipt", onStep, () => checkReceipt(own, wave));
  const found = await step("proof", onStep, () => checkProof(own.proof, wave, signed, commitment));
  await step("beacon_signature", onStep, () => beacon(wave.pins.beaconKey, wave.beacon.round, wave.beacon.signature));
  return { ...aboutWave(wave), ...found };
}

/** The commitment of a receipt that is signed, of this wave, and this person's (§2). */
export async function checkReceipt({ receipt, nik, kk }, { pins, params }) {
  const given = new Fields(receipt, RECEIPT);
  given.number("version", 1, 1);
  const wave = given.number("wave", 1, HIGHEST_U32);
  const entry = fromHex(given.text("entry"), 16);
  const salt = fromHex(given.text("salt"), 32);
  const commitment = fromHex(given.text("commitment"), 32);
  const joined = given.text("joined_at");
  fromTime(joined);
  const signature = fromBase64(given.text("signature"));
  demand(/^[0-9]{16}$/.test(nik) && /^[0-9]{16}$/.test(kk), "commitment_input");
  const message = join(bytes("gelombang/entry/v1"), bigEndian(wave, 4), entry, bytes(nik + kk));
  demand(same(await hmac(salt, message), commitment), "receipt_commitment");
  const lines = ["gelombang/receipt/v1", wave, toHex(params.digest), toHex(commitment), joined, ""];
  demand(await ed25519(pins.receipts.key, bytes(lines.join("\n")), signature), "receipt_signature");
  demand(wave === params.wave, "receipt_wave");
  return commitment;
}

/** What a proof shows of the entry with this commitment, if it leads to both signed roots. */
export async function checkProof(proof, wave, resultsRoot, commitment) {
  const given = new Fields(proof, PROOF);
  given.number("version", 1, 1);
  demand(given.number("wave") === wave.params.wave, "proof_wave");
  const index = given.number("index");
  const { n } = wave.head;
  demand(index < n, "proof_index", { index });
  const pools = wave.params.pools.length;
  const records = await provenChunk(given, "roster", index, n, RECORD, wave.head.root);
  each(records, RECORD, (record, at) => demand(record[RECORD - 1] === 0, "roster_record", { index: at }));
  const results = await provenChunk(given, "results", index, n, RESULT, resultsRoot);
  each(results, RESULT, (record, at) => demand(resultHolds(record, pools), "results_record", { index: at }));
  const at = index % CHUNK_RECORDS;
  const record = records.subarray(at * RECORD, (at + 1) * RECORD);
  const group = new DataView(record.buffer, record.byteOffset).getUint32(32);
  const [room, pool, status] = record.subarray(36, 39);
  demand(recordHolds(group, room, pool, status, wave.pins.familyLimit, pools), "roster_record", { index });
  demand(same(record.subarray(0, 32), commitment), "proof_commitment");
  const result = results.subarray(at * RESULT, (at + 1) * RESULT);
  return {
    index,
    record: { group, room, pool, status },
    result: { outcome: result[0], pool: result[1], rank: new DataView(result.buffer, result.byteOffset).getUint32(4) },
    number: toHex(await keystream(wave.seed, 1, index)),
  };
}

function each(chunk, size, look) {
  for (let at = 0; at * size < chunk.length; at += 1) look(chunk.subarray(at * size, (at + 1) * size), at);
}

/** The chunk of a tree around a record, if chunk and path lead to the signed root. */
async function provenChunk(given, tree, index, n, size, root) {
  const leaf = Math.floor(index / CHUNK_RECORDS);
  const chunk = fromBase64(given.text(`${tree}_chunk`));
  demand(chunk.length === size * Math.min(CHUNK_RECORDS, n - leaf * CHUNK_RECORDS), "proof_chunk", { tree });
  const path = given.list(`${tree}_path`, "string").map((beside) => fromHex(beside, 32));
  const leaves = Math.ceil(n / CHUNK_RECORDS);
  demand(same(await pathRoot(chunk, leaf, leaves, path), root), "proof_root", { tree });
  return chunk;
}

/** The root that a chunk and the hashes beside its way up lead to (RFC 9162 §2.1.3.2). */
async function pathRoot(chunk, leaf, leaves, path) {
  let place = leaf;
  let last = leaves - 1;
  let found = await hashChunk(chunk);
  for (const beside of path) {
    demand(last > 0, "proof_path");
    if (place % 2 || place === last) {
      found = await hashPair(beside, found);
      while (place && place % 2 === 0) [place, last] = [place >> 1, last >> 1];
    } else found = await hashPair(found, beside);
    [place, last] = [place >> 1, last >> 1];
  }
  demand(last === 0, "proof_path");
  return found;
}
