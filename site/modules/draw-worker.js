/* The checks beside the page, so that it stays quick; the same where a browser has no module workers. */

import { verifyProof, verifyWave } from "./draw-check.js";
import { Refused } from "./draw-values.js";
import { publicFiles } from "./draw-files.js";

/** Do one task, {kind: "proof" or "wave", …}; `tell` hears {step} and {progress}, then {held} or {failed}. */
export async function perform(task, tell) {
  const onStep = (name) => tell({ step: name });
  const onProgress = (what, done, of) => tell({ progress: { what, done, of } });
  const read = publicFiles(task.wave, task.files, onProgress);
  try {
    const pins = task.pins || (await read("../pins.json"));
    const options = { onStep, onProgress, mostEntries: task.mostEntries };
    if (!task.mostEntries) delete options.mostEntries;
    const held = task.kind === "proof" ? await verifyProof(read, pins, task.own, options) : await verifyWave(read, pins, options);
    tell({ held });
  } catch (error) {
    if (error instanceof Refused) tell({ failed: { step: error.step, code: error.code, text: error.message } });
    else tell({ failed: { step: "", code: error.code || "unexpected", text: String(error.message) } });
  }
}

if (typeof WorkerGlobalScope !== "undefined") {
  self.addEventListener("message", ({ data }) => perform(data, (said) => self.postMessage(said)));
}
