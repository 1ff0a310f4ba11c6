/* What the workers of the draw's checks share: they run beside the page, so that it stays quick. */

/** Do `check(onStep)`: `tell` hears {step} for each that holds, then {held} or {failed}. */
export async function doTask(check, tell) {
  try {
    const held = await check((name) => tell({ step: name }));
    tell({ held });
  } catch (error) {
    tell({ failed: { step: error.step || "", code: error.code || "unexpected", text: String(error.message) } });
  }
}

/** Where this is a worker: perform each task that is sent. */
export function listen(perform) {
  if (typeof WorkerGlobalScope === "undefined") return;
  self.addEventListener("message", ({ data }) => perform(data, (said) => self.postMessage(said)));
}
