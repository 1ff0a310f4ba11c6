import { call } from "./api.js";
import { Form } from "./form.js";
import { mount, showAndFocus } from "./page.js";

/** A new password, with the token that stands in the mail's link. */
export class ResetForm extends Form {
  constructor(form) {
    super(form);
    this.token = decodeURIComponent(location.hash.slice(1));
    if (this.token) history.replaceState(null, "", location.pathname);
    else {
      form.hidden = true;
      document.getElementById("no-token").hidden = false;
    }
  }

  check(values) {
    const problems = this.missing(values, ["password"]);
    if (values.password && Array.from(values.password).length < 8) problems.password = "password_short";
    return problems;
  }

  async send({ password }) {
    await call("POST", "verify/password/reset", { body: { token: this.token, password } });
    this.form.hidden = true;
    showAndFocus(document.getElementById("done"));
  }
}

mount("reset-form", ResetForm);
