/* Start a check in a worker, or on the page where there are no module workers; stop it again. */

import { ownScript } from "./own-scripts.js";

/** Run a task in the worker at `address`, or by the `perform` that `load()` gives; `tell` hears what it says.
    Gives a function that stops it. */
export function runCheck(task, tell, address, load) {
  let stopped = false;
  let heard = false;
  const pass = (said) => {
    heard = true;
    if (!stopped) tell(said);
  };
  const here = () => load().then((perform) => perform(task, pass));
  const worker = start(address);
  if (!worker) {
    here();
    return () => {
      stopped = true;
    };
  }
  worker.addEventListener("message", ({ data }) => pass(data));
  // A browser that knows no module workers says so by an error before anything else.
  worker.addEventListener("error", () => {
    worker.terminate();
    if (!heard && !stopped) here();
  });
  worker.postMessage(task);
  return () => {
    stopped = true;
    worker.terminate();
  };
}

function start(address) {
  try {
    return new Worker(ownScript(address), { type: "module" });
  } catch (error) {
    return null;
  }
}
