import { call } from "./api.js";
import { digits } from "./digits.js";
import { Draft } from "./drafts.js";
import { home, mount } from "./page.js";
import { ProvedForm } from "./proved-form.js";

/** Another address of one's own account, or the same anew when mail to it came back. */
export class ChangeEmail extends ProvedForm {
  constructor(form) {
    super(form, { draft: new Draft("address-changed", { closed: true }) });
    this.restore(this.draft.read());
  }

  check(values) {
    const problems = this.missing(values, Object.keys(values));
    if (values.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(values.email)) problems.email = "email_invalid";
    return problems;
  }

  async send({ email, password, code }) {
    try {
      await call("PUT", "verify/email", { body: { email, password, ...(code && { code: digits(code) }) }, safe: false });
    } catch (failure) {
      if (/^code_/.test(failure.code)) failure.field = "code";
      throw failure;
    }
    this.draft.clear();
    new Draft("address", { closed: true }).write({ email });
    location.assign(`${home}daftar/email/`);
  }
}

mount("change-email", ChangeEmail);
