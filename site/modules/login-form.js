import { call, wayBack } from "./api.js";
import { Draft, startFor } from "./drafts.js";
import { Form } from "./form.js";
import { home, mount } from "./page.js";
import { forgetPhotosOfOthers } from "./photo-store.js";

/** Logging in, then back to where the reader was, else to the dashboard. */
export class LoginForm extends Form {
  constructor(form) {
    super(form, { draft: new Draft("login", { closed: true }) });
    this.restore(this.draft.read());
    document.getElementById("ended").hidden = !wayBack();
  }

  check(values) {
    return this.missing(values, ["email", "password"]);
  }

  async send({ email, password }) {
    const { applicant } = await call("POST", "verify/sessions", { body: { email, password }, stay: true });
    this.draft.clear();
    startFor(applicant);
    await forgetPhotosOfOthers(applicant);
    location.assign(wayBack({ forget: true }) || `${home}dasbor/`);
  }
}

mount("login-form", LoginForm);
