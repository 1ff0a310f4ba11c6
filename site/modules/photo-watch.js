/* Waiting for the verdict on a photo that the storage has, and saying honestly how long it takes. */

import { call } from "./api.js";
import { isPassing, Pause } from "./photo-patience.js";

/** Milliseconds: how often the server is asked at first, later, and once it takes longer than usual; what is
    usual; after how long sending the same photo again is offered, in case its message was lost. */
const ASKING = { first: 1000, longest: 5000, late: 15000, usual: 60000, again: 300000 };

/** One photo being judged. `tell(state)` hears "checking", "late" or "very_late", and "unreachable" while the
    server does not answer. */
export class Watch {
  constructor(id, tell) {
    this.id = id;
    this.tell = tell;
    this.stopped = false;
    this.waited = 0;
    this.pause = new Pause();
  }

  /** Give the photo once it is decided, null when stopped. Throws Failure when asking on is useless. */
  async run() {
    for (let time = 1; ; time += 1) {
      await this.rest(time);
      if (this.stopped) return null;
      try {
        const photo = await call("GET", `upload/photos/${this.id}`);
        if (this.stopped) return null;
        if (photo.state !== "waiting") return photo;
        this.tell(this.stage());
      } catch (failure) {
        if (!isPassing(failure)) throw failure;
        this.tell("unreachable");
      }
    }
  }

  stop() {
    this.stopped = true;
    this.pause.wake();
  }

  stage() {
    if (this.waited < ASKING.usual) return "checking";
    return this.waited < ASKING.again ? "late" : "very_late";
  }

  async rest(time) {
    const span = this.waited < ASKING.usual ? Math.min(ASKING.longest, ASKING.first * time) : ASKING.late;
    this.waited += span;
    await this.pause.last(span);
  }
}
