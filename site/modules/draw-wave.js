/* The check of a whole wave: all of its draw, computed again from its lists. */

import { verifyRound } from "./draw-crypto.js";
import { allocate, parseRoster, ranking, treeRoot } from "./draw-lists.js";
import { aboutWave, file, openPublished, openResult } from "./draw-published.js";
import { RECORD, RESULT } from "./draw-records.js";
import { HIGHEST_U32, demand, same, step } from "./draw-values.js";

const quiet = { onStep: () => {}, onProgress: () => {}, mostEntries: HIGHEST_U32, verifyRound };

/** Check a whole wave: the steps and codes of `draw verify`.

    `read(name, size)` gives a file or null; lists are asked for with the size they must have.
    Options: `onStep(name)`, `onProgress(what, done, of)`, `mostEntries` (error `too_large`). */
export async function verifyWave(read, pinsBytes, options = {}) {
  const { onStep, onProgress, mostEntries, verifyRound: beacon } = { ...quiet, ...options };
  const wave = await openPublished(read, pinsBytes, onStep);
  const { n } = wave.head;
  demand(n <= mostEntries, "too_large", { entries: n });
  const columns = await step("roster", onStep, async () => {
    const data = await file(read, "roster.bin", n * RECORD);
    demand(data.length === n * RECORD, "roster_entries", { expected: n });
    const root = await treeRoot(data, RECORD, (done) => onProgress("roster", done, data.length));
    demand(same(root, wave.head.root), "roster_root");
    return parseRoster(data, wave.pins.familyLimit, wave.params.pools.length);
  });
  const signed = await openResult(read, wave, onStep);
  const told = await step("results", onStep, async () => {
    const data = await file(read, "results.bin", n * RESULT);
    demand(data.length === n * RESULT, "results_size", { bytes: data.length });
    const root = await treeRoot(data, RESULT, (done) => onProgress("results", done, data.length));
    demand(same(root, signed), "results_root");
    return data;
  });
  await step("draw", onStep, async () => {
    const order = await ranking(wave.seed, columns, (done) => onProgress("draw", done, n));
    const expected = allocate(columns, order, wave.params);
    const at = expected.findIndex((byte, place) => byte !== told[place]);
    demand(at < 0, "results_differ", { index: Math.floor(at / RESULT) });
  });
  await step("beacon_signature", onStep, () => beacon(wave.pins.beaconKey, wave.beacon.round, wave.beacon.signature));
  return aboutWave(wave);
}
