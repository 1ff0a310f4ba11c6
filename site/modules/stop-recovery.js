import { call, codeSentence, sentence } from "./api.js";
import { busy } from "./form.js";
import { hideSummary, showSummary } from "./summary.js";
import { mount, showAndFocus } from "./page.js";

/** "It was not me": stops a recovery of the account, with the token that stands in the mail's link. */
export class StopRecovery {
  constructor(element) {
    this.element = element;
    this.summary = element.querySelector(".summary");
    this.button = element.querySelector("button");
    this.token = decodeURIComponent(location.hash.slice(1));
    if (this.token) history.replaceState(null, "", location.pathname);
    else {
      this.button.hidden = true;
      element.querySelector("#no-token").hidden = false;
    }
    this.button.addEventListener("click", () => this.stop());
  }

  async stop() {
    if (this.button.hasAttribute("aria-disabled")) return;
    hideSummary(this.summary);
    busy(this.button, true);
    try {
      await call("POST", "verify/recovery/stop", { body: { token: this.token } });
      this.button.hidden = true;
      showAndFocus(this.element.querySelector("#done"));
    } catch (failure) {
      showSummary(this.summary, [{ text: failure.code ? sentence(failure) : codeSentence("unexpected") }]);
      if (!failure.code) throw failure;
    } finally {
      busy(this.button, false);
    }
  }
}

mount("stop-recovery", StopRecovery);
