/* Waiting while a photo is on its way: for a while, for the network, for the reader to look again. */

import { Failure } from "./api.js";

/** Whether asking again may cure it: lost answers, a busy server, no network. */
export function isPassing(failure) {
  if (!(failure instanceof Failure)) return false;
  return ["offline", "no_answer", "upload_failed"].includes(failure.code) || failure.status >= 500;
}

/** A wait that can be cut short. */
export class Pause {
  constructor() {
    this.wake = () => {};
  }

  /** So many milliseconds, or until the network comes back; without a network, until there is one. */
  async last(milliseconds) {
    let timer = 0;
    await new Promise((go) => {
      this.wake = go;
      window.addEventListener("online", go);
      if (navigator.onLine !== false) timer = setTimeout(go, milliseconds);
    });
    clearTimeout(timer);
    window.removeEventListener("online", this.wake);
  }
}
