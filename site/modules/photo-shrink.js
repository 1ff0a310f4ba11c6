/* Hands a chosen photo to the worker that makes it fit; the page does it where there is none. */

import { fitted, Unusable } from "./photo-drawing.js";
import { ownScript } from "./own-scripts.js";

const WORKER = new URL("./photo-worker.js", import.meta.url);

/** How long a worker may take to start, and to make one photo fit (milliseconds). */
const PATIENT = { start: 6000, work: 60000 };

let hand = null;

/** Load the worker, so that it is there when the photo is. */
export function beReady() {
  if (!hand) hand = begun();
  return hand;
}

/** {blob, doubts} as `fitted` gives them. Throws Unusable. */
export async function shrink(file, kind) {
  const worker = await beReady();
  if (!worker) return fitted(file, kind);
  const { blob, doubts, code } = await asked(worker, { number: Math.random(), file, kind });
  if (blob) return { blob, doubts };
  if (code) throw new Unusable(code);
  // It broke, most likely for want of memory, or took too long: the page tries once.
  worker.terminate();
  hand = null;
  return fitted(file, kind);
}

/** The worker once it says that it can draw; null when it cannot, or does not come. */
function begun() {
  return new Promise((resolve) => {
    let worker = null;
    const give = (found) => {
      clearTimeout(timer);
      if (!found && worker) worker.terminate();
      resolve(found);
    };
    const timer = setTimeout(() => give(null), PATIENT.start);
    try {
      worker = new Worker(ownScript(WORKER), { type: "module" });
      worker.addEventListener("message", () => give(worker), { once: true });
      worker.addEventListener("error", () => give(null), { once: true });
    } catch (error) {
      give(null);
    }
  });
}

function asked(worker, task) {
  return new Promise((resolve) => {
    const over = (answer) => {
      clearTimeout(timer);
      worker.removeEventListener("message", hear);
      worker.removeEventListener("error", broke);
      resolve(answer);
    };
    const hear = ({ data }) => data.number === task.number && over(data);
    const broke = () => over({});
    const timer = setTimeout(broke, PATIENT.work);
    worker.addEventListener("message", hear);
    worker.addEventListener("error", broke);
    worker.postMessage(task);
  });
}
