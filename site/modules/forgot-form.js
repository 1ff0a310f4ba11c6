import { call } from "./api.js";
import { Form } from "./form.js";
import { mount, showAndFocus } from "./page.js";

/** Asks for a mail with which a new password can be set. */
export class ForgotForm extends Form {
  check(values) {
    return this.missing(values, ["email"]);
  }

  async send({ email }) {
    await call("POST", "verify/password/forgot", { body: { email } });
    this.form.hidden = true;
    showAndFocus(document.getElementById("sent"));
  }
}

mount("forgot-form", ForgotForm);
