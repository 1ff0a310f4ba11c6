/* Beside the page: makes photos fit without holding the page up. */

import { fitted } from "./photo-drawing.js";

self.addEventListener("message", async ({ data }) => {
  const { number, file, kind } = data;
  try {
    self.postMessage({ number, ...(await fitted(file, kind)) });
  } catch (error) {
    self.postMessage({ number, code: error.code || "" });
  }
});
// Drawing is tried now, so that a browser without it says so before a photo waits.
if (new OffscreenCanvas(1, 1).getContext("2d")) self.postMessage({ ready: true });
