import { call, sentence } from "./api.js";
import { busy } from "./form.js";
import { fill, mount, say } from "./page.js";

/** A button that sends a code to the proved number, with the password typed in the same form. */
export class ChangeCode {
  constructor(element) {
    this.button = element.querySelector("button");
    this.line = element.querySelector("[role=status]");
    this.password = element.closest("form").elements.password;
    this.button.addEventListener("click", () => this.send());
  }

  async send() {
    if (this.button.hasAttribute("aria-disabled")) return;
    if (!this.password.value) {
      fill(this.line, say("js.change_code_password"));
      this.password.focus();
      return;
    }
    busy(this.button, true);
    try {
      const { phone } = await call("POST", "verify/phone/code", { body: { password: this.password.value } });
      fill(this.line, say("js.change_code_sent", { phone }));
    } catch (failure) {
      if (!failure.code) throw failure;
      const wrong = failure.code === "invalid" && failure.params.fields.password;
      fill(this.line, wrong ? say("error.password_wrong") : sentence(failure));
    } finally {
      busy(this.button, false);
    }
  }
}

mount("change-code", ChangeCode);
