import { collect } from "./draw-download.js";
import { publicFiles } from "./draw-files.js";
import { doTask, listen } from "./draw-task.js";
import { verifyWave } from "./draw-wave.js";

/** Compute a wave again: {wave, mostEntries}. `tell` hears {progress} too. */
export function perform({ wave, mostEntries }, tell) {
  const onProgress = (what, done, of) => tell({ progress: { what, done, of } });
  const read = publicFiles(wave, {}, (...list) => collect(...list, onProgress));
  return doTask(async (onStep) => verifyWave(read, await read("../pins.json"), { onStep, onProgress, mostEntries }), tell);
}

listen(perform);
