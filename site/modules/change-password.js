import { call } from "./api.js";
import { digits } from "./digits.js";
import { mount, showAndFocus } from "./page.js";
import { ProvedForm } from "./proved-form.js";

/** The server's names of the fields, and those of this form. */
const HERE = { current: "password", password: "new_password" };

/** Another password, with the old one and, once a phone is proved, a code from it. */
export class ChangePassword extends ProvedForm {
  check(values) {
    const problems = this.missing(values, Object.keys(values));
    const { new_password: wanted } = values;
    if (wanted && Array.from(wanted).length < 8) problems.new_password = "password_short";
    return problems;
  }

  async send({ password: current, new_password: password, code }) {
    try {
      await call("PUT", "verify/password", { body: { current, password, ...(code && { code: digits(code) }) }, safe: false });
    } catch (failure) {
      if (/^code_/.test(failure.code)) failure.field = "code";
      const { fields } = failure.params || {};
      if (fields) failure.params = { fields: Object.fromEntries(Object.entries(fields).map(([name, problem]) => [HERE[name] || name, problem])) };
      throw failure;
    }
    this.form.reset();
    this.form.hidden = true;
    showAndFocus(document.getElementById("done"));
  }
}

mount("change-password", ChangePassword);
