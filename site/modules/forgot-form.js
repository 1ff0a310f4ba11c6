import { call } from "./api.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { mount, showAndFocus } from "./page.js";

/** Asks for a mail with which a new password can be set. */
export class ForgotForm extends Form {
  constructor(form) {
    super(form, { draft: new Draft("forgot", { closed: true }) });
    this.restore(this.draft.read());
  }

  check(values) {
    return this.missing(values, ["email"]);
  }

  async send({ email }) {
    await call("POST", "verify/password/forgot", { body: { email } });
    this.draft.clear();
    this.form.hidden = true;
    showAndFocus(document.getElementById("sent"));
  }
}

mount("forgot-form", ForgotForm);
