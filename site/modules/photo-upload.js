/* Sending a photo straight to storage, patiently: a failed try is followed by another, with a fresh
   permit, after a random wait; without a network it waits for the network. */

import { call, Failure } from "./api.js";

/** Tries in all; first and longest span of waiting, and the silence after which a try is given up. */
export const TRIES = { most: 12, first: 1000, longest: 30000, silence: 30000 };

/** One photo on its way. `show(state, number)` is told "sending" with percent, "retry" with the
    number of the coming try, "offline". */
export class Upload {
  constructor({ kind, blob, key }, show) {
    this.kind = kind;
    this.blob = blob;
    this.key = key;
    this.show = show;
    this.stopped = false;
    this.photo = null;
  }

  /** Give the photo's id once the storage has it. Throws Failure when it cannot be sent. */
  async run() {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once();
      } catch (failure) {
        if (this.stopped) throw new Failure("stopped");
        if (!worthRepeating(failure) || attempt >= TRIES.most) throw failure;
        await this.wait(attempt, failure.params.seconds);
        if (this.stopped) throw new Failure("stopped");
      }
    }
  }

  stop() {
    this.stopped = true;
    if (this.request) this.request.abort();
    if (this.wake) this.wake();
  }

  async once() {
    if (navigator.onLine === false) throw new Failure("offline");
    this.show("sending", 0);
    const body = { kind: this.kind, size: this.blob.size, content_type: this.blob.type };
    try {
      const permit = await call("POST", "upload/photos", { body, key: this.key });
      this.photo = permit.photo;
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
        this.show("sending", total ? Math.round((100 * loaded) / total) : 0);
      };
      request.onloadend = () => {
        clearTimeout(silence);
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
    if (navigator.onLine === false) {
      this.show("offline");
      await new Promise((go) => {
        this.wake = go;
        window.addEventListener("online", go, { once: true });
      });
      return;
    }
    this.show("retry", attempt + 1);
    await new Promise((go) => {
      this.wake = go;
      setTimeout(go, (seconds || 0) * 1000 + Math.random() * span);
      window.addEventListener("online", go, { once: true });
    });
  }
}

/** Lost answers, a busy server and whatever the storage refuses: a fresh permit may cure it. */
function worthRepeating(failure) {
  if (!(failure instanceof Failure)) return false;
  if (["offline", "no_answer", "upload_failed"].includes(failure.code)) return true;
  return failure.status >= 500;
}
