/* Sending a photo straight to storage, patiently: a failed try is followed by another, with a fresh
   permit, after a random wait; without a network it waits for the network. */

import { call, Failure } from "./api.js";
import { isPassing, Pause } from "./photo-patience.js";

/** Tries in all, and how many the storage may refuse; first and longest span of waiting, and the silence after
    which a try is given up (milliseconds). With four of five requests lost, a permit that is asked for four times
    and bytes that are sent once get through in 12 of 100 tries: one photo in 1,900 needs more than 60. */
const TRIES = { most: 60, refused: 5, first: 1000, longest: 30000, silence: 30000 };

/** One photo on its way. `tell(state, number)` hears "sending" with percent, "retry" with the number of
    the coming try, "offline"; `permitted(id)` the photo's id as soon as the server gave it. */
export class Upload {
  constructor({ kind, blob, key, photo }, tell, permitted = () => {}) {
    Object.assign(this, { kind, blob, key, photo, tell, permitted });
    this.stopped = false;
    this.refused = 0;
    this.pause = new Pause();
  }

  /** Give the photo's id once the storage has it. Throws Failure when it cannot be sent. */
  async run() {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once();
      } catch (failure) {
        if (this.stopped) throw new Failure("stopped");
        if (failure.code === "upload_failed" && failure.status >= 400 && failure.status < 500) this.refused += 1;
        if (!isPassing(failure) || attempt >= TRIES.most || this.refused >= TRIES.refused) throw failure;
        await this.wait(attempt, failure.params.seconds || 0);
        if (this.stopped) throw new Failure("stopped");
      }
    }
  }

  stop() {
    this.stopped = true;
    if (this.request) this.request.abort();
    this.pause.wake();
  }

  async once() {
    if (navigator.onLine === false) throw new Failure("offline");
    this.tell("sending", 0);
    const body = { kind: this.kind, size: this.blob.size, content_type: this.blob.type };
    try {
      const permit = await call("POST", "upload/photos", { body, key: this.key });
      if (this.stopped) throw new Failure("stopped");
      this.photo = permit.photo;
      this.permitted(permit.photo);
      await this.post(permit);
    } catch (failure) {
      const decided = failure.code === "photo_decided" && this.photo;
      if (!decided) throw failure;
    }
    return this.photo;
  }

  post({ url, fields }) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", this.blob);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.request = request;
      let silence = 0;
      const listen = () => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), TRIES.silence);
      };
      request.upload.onprogress = ({ loaded, total }) => {
        listen();
        this.tell("sending", total ? Math.round((100 * loaded) / total) : 0);
      };
      request.onloadend = () => {
        clearTimeout(silence);
        this.request = null;
        if (request.status >= 200 && request.status < 300) resolve();
        else reject(new Failure("upload_failed", {}, request.status));
      };
      request.open("POST", url);
      listen();
      request.send(form);
    });
  }

  /** Wait a random part of a doubling span; without a network, until there is one. */
  async wait(attempt, seconds) {
    const span = Math.min(TRIES.longest, TRIES.first * 2 ** (attempt - 1));
    if (navigator.onLine === false) this.tell("offline");
    else this.tell("retry", attempt + 1);
    await this.pause.last(seconds * 1000 + Math.random() * span);
  }
}
