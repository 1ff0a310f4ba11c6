/* What the small public files of a wave say together (§0, §1, §5–§7, §10), before any list. */

import { sha256 } from "./draw-crypto.js";
import { SIGNER, WITNESS, headLines, openNote, parseKey } from "./draw-notes.js";
import { Fields, HIGHEST_U32, Refused, bigEndian, bytes, demand, fromDecimal, fromHex, fromJson, fromTime, same, step, toHex } from "./draw-values.js";

const PINS = ["version", "operator", "receipts", "witnesses", "quorum", "beacon", "family_limit", "margin_seconds", "fallback_rounds", "draw_delay_seconds"];
const BEACON = ["chain", "public_key", "scheme", "genesis", "period"];
const PARAMS = ["version", "programme", "wave", "quota", "reserve", "opens_at", "closes_at", "round", "pools", "policy"];
const VOID_REASONS = ["records_wrong", "ledgers_wrong", "announcement_wrong", "not_reachable", "authority"];
const SCHEME = "bls-unchained-g1-rfc9380";

/** Steps pins, params, roster_head, beacon: the wave up to its seed. `read(name)` gives a file or null. */
export async function openPublished(read, pinsBytes, onStep) {
  const pins = await step("pins", onStep, () => parsePins(pinsBytes));
  const params = await step("params", onStep, async () => parseParams(await file(read, "params.json"), pins));
  const head = await step("roster_head", onStep, async () => {
    const opened = await openRosterHead(await file(read, "roster.head"), pins, params);
    await demandNotVoid(await read("void.note"), pins, params, opened);
    return opened;
  });
  const beacon = await step("beacon", onStep, async () => parseBeacon(await file(read, "beacon.json"), head.round));
  const randomness = await sha256(beacon.signature);
  const seed = await sha256(bytes("gelombang/seed/v1"), head.digest, bigEndian(beacon.round, 8), randomness);
  return { pins, params, head, beacon, seed };
}

/** Step result_head: the root of the results that the operator signed for this list and round. */
export function openResult(read, wave, onStep) {
  return step("result_head", onStep, async () => {
    const { text } = await openNote(await file(read, "result.head"), wave.pins);
    const lines = headLines(text, "gelombang/result/v1", 7);
    const said = [
      ["result_wave", fromDecimal(lines[1], HIGHEST_U32) === BigInt(wave.params.wave)],
      ["result_roster", same(fromHex(lines[2], 32), wave.head.digest)],
      ["result_round", fromDecimal(lines[3], 2n ** 64n - 1n) === BigInt(wave.beacon.round)],
      ["result_seed", same(fromHex(lines[4], 32), wave.seed)],
      ["result_entries", fromDecimal(lines[5], HIGHEST_U32) === BigInt(wave.head.n)],
    ];
    const root = fromHex(lines[6], 32);
    for (const [code, holds] of said) demand(holds, code);
    return root;
  });
}

/** The bytes of a public file. Error: `file_missing`. */
export async function file(read, name, size) {
  const data = await read(name, size);
  demand(data !== null, "file_missing", { file: name });
  return data;
}

/** What a check tells of the wave when all of it holds. */
export function aboutWave({ pins, params, head, beacon, seed }) {
  return {
    wave: params.wave,
    entries: head.n,
    round: beacon.round,
    seed: toHex(seed),
    quorum: pins.quorum,
    pinnedWitnesses: pins.witnesses.length,
    witnesses: head.witnesses.map(({ name, at }) => ({ name, at: Number(at) })),
    pools: params.pools.map((pool) => pool.name),
  };
}

async function parsePins(data) {
  const pins = new Fields(fromJson(data), PINS);
  pins.number("version", 1, 1);
  const witnesses = [];
  for (const text of pins.list("witnesses", "string")) witnesses.push(await parseKey(text, WITNESS));
  const operator = await parseKey(pins.text("operator"), SIGNER);
  const receipts = await parseKey(pins.text("receipts"), SIGNER);
  const quorum = pins.number("quorum", 0, witnesses.length);
  const beacon = new Fields(pins.value.beacon, BEACON);
  demand(beacon.value.scheme === SCHEME, "json_value", { field: "scheme" });
  fromHex(beacon.text("chain"));
  const found = {
    digest: await sha256(data),
    witnesses,
    operator,
    receipts,
    quorum,
    beaconKey: fromHex(beacon.text("public_key"), 96),
    genesis: beacon.number("genesis"),
    period: beacon.number("period", 1),
    familyLimit: pins.number("family_limit", 1, 255),
    margin: pins.number("margin_seconds"),
    fallback: pins.number("fallback_rounds", 1),
    delay: pins.number("draw_delay_seconds"),
  };
  // The quorum counts institutions: no two witnesses alike, none the operator.
  const names = new Set(witnesses.map((key) => key.name));
  const keys = new Set([operator, ...witnesses].map((key) => key.key.join()));
  const alone = names.size === witnesses.length && keys.size === witnesses.length + 1;
  demand(alone, "pins_witness_twice");
  return found;
}

function roundTime(pins, round) {
  return BigInt(pins.genesis) + (BigInt(round) - 1n) * BigInt(pins.period);
}

async function parseParams(data, pins) {
  const params = new Fields(fromJson(data), PARAMS);
  params.number("version", 1, 1);
  params.text("programme");
  const found = {
    digest: await sha256(data),
    wave: params.number("wave", 1, HIGHEST_U32),
    quota: params.number("quota", 0, HIGHEST_U32),
    reserve: params.number("reserve", 0, HIGHEST_U32),
    opens: fromTime(params.text("opens_at")),
    closes: fromTime(params.text("closes_at")),
    round: params.number("round", 1),
    pools: params.list("pools").map(parsePool),
  };
  const policy = fromHex(params.text("policy"), 32);
  demand(found.opens < found.closes, "params_times");
  const names = new Set(found.pools.map((pool) => pool.name));
  const seats = found.pools.reduce((sum, pool) => sum + pool.seats, 0);
  const alone = names.size === found.pools.length && names.size <= 255;
  demand(alone && seats <= found.quota, "params_pools");
  demand(same(policy, pins.digest), "params_policy");
  const earliest = found.closes + BigInt(pins.delay);
  demand(roundTime(pins, found.round) >= earliest, "params_round", { round: found.round });
  return found;
}

function parsePool(value) {
  const pool = new Fields(value, ["name", "seats"]);
  return { name: pool.text("name"), seats: pool.number("seats", 1, HIGHEST_U32) };
}

async function openRosterHead(data, pins, params) {
  const { text, witnesses } = await openNote(data, pins);
  const lines = headLines(text, "gelombang/roster/v1", 6);
  const wave = fromDecimal(lines[1], HIGHEST_U32);
  const announced = fromHex(lines[2], 32);
  const n = Number(fromDecimal(lines[3], HIGHEST_U32));
  const root = fromHex(lines[4], 32);
  const published = fromTime(lines[5]);
  demand(wave === BigInt(params.wave), "roster_wave", { wave });
  demand(same(announced, params.digest), "roster_params");
  const round = roundThatCounts(pins, params, published, witnesses);
  return { digest: await sha256(text), n, root, published, witnesses, round };
}

/** R (§6): the announced round, or the first fallback round that leaves the margin. */
function roundThatCounts(pins, params, published, witnesses) {
  const held = witnesses.length;
  demand(held >= pins.quorum, "witness_quorum", { witnesses: held, quorum: pins.quorum });
  const when = pins.quorum ? inOrder(witnesses)[pins.quorum - 1] : published;
  demand(when >= params.closes, "published_before_close");
  const late = when - (roundTime(pins, params.round) - BigInt(pins.margin));
  if (late <= 0n) return BigInt(params.round);
  const span = BigInt(pins.fallback) * BigInt(pins.period);
  return BigInt(params.round) + ((late + span - 1n) / span) * BigInt(pins.fallback);
}

/** Refuse a wave beside whose head lies a void note that holds, seen in time (§13). */
async function demandNotVoid(data, pins, params, head) {
  const note = data && (await openVoid(data, pins));
  if (!note || (pins.quorum && note.times.length < pins.quorum)) return;
  const own = note.wave === BigInt(params.wave) && same(note.announced, params.digest);
  const here = same(note.digest, head.digest) || note.digest.every((byte) => byte === 0);
  const seen = pins.quorum ? note.times[pins.quorum - 1] : note.voided;
  const latest = roundTime(pins, head.round) - BigInt(pins.margin);
  demand(!(own && here && seen < latest), "wave_void", { reason: note.reason });
}

/** A void note whose form and signatures hold, else null. */
async function openVoid(data, pins) {
  try {
    const { text, witnesses } = await openNote(data, pins);
    const lines = headLines(text, "gelombang/void/v1", 7);
    const said = lines[6].trim().length;
    if (!VOID_REASONS.includes(lines[5]) || !/^[ -~]*$/.test(lines[6]) || said < 1 || said > 300) return null;
    return {
      wave: fromDecimal(lines[1], HIGHEST_U32),
      announced: fromHex(lines[2], 32),
      digest: fromHex(lines[3], 32),
      voided: fromTime(lines[4]),
      reason: lines[5],
      times: inOrder(witnesses),
    };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function inOrder(witnesses) {
  return witnesses.map((one) => one.at).sort((a, b) => (a < b ? -1 : Number(a > b)));
}

async function parseBeacon(data, counts) {
  const beacon = new Fields(fromJson(data), ["round", "signature", "randomness"]);
  const round = beacon.number("round", 1);
  const signature = fromHex(beacon.text("signature"), 48);
  const randomness = fromHex(beacon.text("randomness"), 32);
  demand(same(randomness, await sha256(signature)), "beacon_randomness");
  demand(BigInt(round) === counts, "beacon_round", { round, expected: counts });
  return { round, signature };
}
