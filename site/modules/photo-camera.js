/* A camera on the page itself: no other app opens, so no phone closes this page for it. */

import { say } from "./page.js";

/** What is asked of the camera: wide enough that a card in the frame has far more pixels than the checks need. */
const WANTED = { width: { ideal: 1920 }, height: { ideal: 1080 } };

/** The part of the stream that is shown and taken, width to height: a card lies, a person stands. */
const SHAPES = { ktp: 4 / 3, selfie: 3 / 4 };
const QUALITY = 0.92;

/** Codes of sentences for the ways in which a camera does not come. */
const FAILURES = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Whether this browser lets pages use a camera. */
export function hasCamera() {
  return Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
}

/** The camera of a page. `take(blob)` gets the picture, `fail(code)` the reason why there is none, `close(code)`
    is called when it is put away, with a code when nobody asked for that. */
export class Camera {
  constructor(element, kind, { take, fail, close }) {
    Object.assign(this, { element, kind, take, fail, close });
    this.video = element.querySelector("video");
    this.shutter = element.querySelector("#shutter");
    this.line = element.querySelector("#camera-line");
    this.stream = null;
    this.shutter.addEventListener("click", () => this.shoot());
    element.querySelector("#camera-close").addEventListener("click", () => this.end(""));
    element.addEventListener("keydown", ({ key }) => key === "Escape" && this.end(""));
    document.addEventListener("visibilitychange", () => document.hidden && this.end("hidden"));
    window.addEventListener("pagehide", () => this.end("hidden"));
  }

  /** Show what the camera sees, after the reader has allowed it. */
  async start() {
    if (this.stream || this.asking) return;
    this.asking = true;
    this.element.hidden = false;
    this.shutter.setAttribute("aria-disabled", "true");
    this.line.textContent = say("camera.asking");
    this.element.focus();
    try {
      const facingMode = this.kind === "selfie" ? "user" : "environment";
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, facingMode } });
      this.stream = stream;
      if (this.element.hidden) {
        this.release();
        return;
      }
      this.video.srcObject = stream;
      stream.getVideoTracks()[0].addEventListener("ended", () => this.end("busy"));
      await this.video.play();
      this.shutter.removeAttribute("aria-disabled");
      this.line.textContent = say("camera.on");
      this.shutter.focus();
    } catch (error) {
      this.release();
      // Put away before it came: nobody waits for it.
      if (this.element.hidden) return;
      this.element.hidden = true;
      this.fail(FAILURES[error.name] || "failed");
    } finally {
      this.asking = false;
    }
  }

  /** Take what is in the frame. */
  shoot() {
    if (!this.stream || !this.video.videoWidth || this.shot) return;
    this.shot = true;
    const { videoWidth: wide, videoHeight: high } = this.video;
    const shape = SHAPES[this.kind];
    const width = Math.round(Math.min(wide, high * shape));
    const height = Math.round(width / shape);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const [left, top] = [(wide - width) / 2, (high - height) / 2];
    canvas.getContext("2d", { alpha: false }).drawImage(this.video, left, top, width, height, 0, 0, width, height);
    const done = (blob) => {
      this.shot = false;
      this.end("");
      if (blob) this.take(blob);
      else this.fail("failed");
    };
    canvas.toBlob(done, "image/jpeg", QUALITY);
  }

  /** Put the camera away; its light goes out. */
  end(code) {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.release();
    this.close(code);
  }

  release() {
    if (this.stream) for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }
}
