/* Where a photo comes from: the camera app, the gallery, or the camera on the page; and making it fit. */

import { hideSummary, showSummary } from "./summary.js";
import { say } from "./page.js";
import { Camera, hasCamera } from "./photo-camera.js";
import { beReady, shrink } from "./photo-shrink.js";
import { forgetLeaving, noteLeaving, wasClosed } from "./photo-store.js";

/** The ways to choose a photo. `form` is told `begin()`, then `chosen({blob, doubts}, reopen)` or `fail(failure)`;
    `reopen` opens again what the photo came from. */
export class Choice {
  constructor(form) {
    this.form = form;
    this.kind = form.kind;
    this.part = form.part;
    this.making = false;
    for (const id of ["take", "pick"]) this.listenTo(this.part(id));
    this.part("open-camera").hidden = !hasCamera();
    this.part("open-camera").addEventListener("click", () => this.openCamera());
    this.camera = new Camera(this.part("camera"), this.kind, {
      take: (blob) => this.choose(blob, () => this.openCamera()),
      close: (code) => this.cameraClosed(code),
      fail: (code) => {
        this.cameraClosed("");
        showSummary(form.summary, [{ text: say(`camera.${code}`), id: "take" }]);
      },
    });
  }

  listenTo(input) {
    input.addEventListener("click", () => {
      beReady();
      noteLeaving(this.kind, this.form.applicant);
    });
    input.addEventListener("cancel", () => forgetLeaving(this.kind));
    input.addEventListener("change", () => {
      const file = input.files[0];
      if (file) this.choose(file, () => input.click());
      // The same file may be chosen again.
      input.value = "";
    });
  }

  openCamera() {
    beReady();
    hideSummary(this.form.summary);
    this.form.tell("");
    this.part("choose").hidden = true;
    this.camera.start();
  }

  cameraClosed(code) {
    this.part("choose").hidden = false;
    if (code) this.form.tell(say(`camera.${code}`));
    if (!this.making) this.part("open-camera").focus();
  }

  async choose(file, reopen) {
    this.making = true;
    this.part("closed").hidden = true;
    this.form.begin();
    try {
      await this.form.chosen(await shrink(file, this.kind), reopen);
    } catch (failure) {
      this.form.fail(failure);
    } finally {
      this.making = false;
      forgetLeaving(this.kind);
    }
  }

  /** Phones with little memory close the page while another app takes the photo: say so, unless one is kept. */
  async explainClosing(kept) {
    const closed = await wasClosed(this.kind, this.form.applicant);
    await forgetLeaving(this.kind);
    this.part("closed").hidden = !closed || kept;
  }
}
