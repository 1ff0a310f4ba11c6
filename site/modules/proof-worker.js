import { publicFiles } from "./draw-files.js";
import { verifyProof } from "./draw-proof.js";
import { doTask, listen } from "./draw-task.js";

/** Check a proof: {wave, pins, files, own}, with pins and files from the site where none are given. */
export function perform({ wave, pins, files, own }, tell) {
  const read = publicFiles(wave, files);
  return doTask(async (onStep) => verifyProof(read, pins || (await read("../pins.json")), own, { onStep }), tell);
}

listen(perform);
