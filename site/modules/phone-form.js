import { call, me } from "./api.js";
import { digits, phoneNumber } from "./digits.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { fill, home, link, mount, say } from "./page.js";
import { areOpen } from "./steps-left.js";

/** The number to which a code is sent. */
export class PhoneForm extends Form {
  constructor(form) {
    super(form, { draft: new Draft("phone-typed", { closed: true }), secret: ["password", "code"] });
    this.restore(this.draft.read());
    this.start();
  }

  async start() {
    if (areOpen("phone")) return;
    try {
      const { phone } = await me();
      if (!phone) return;
      const line = document.getElementById("proved");
      fill(line, say("js.phone_proved", { phone }), " ", link("data/nik/", say("js.go_on")));
      line.hidden = false;
      this.form.querySelector("#change").hidden = false;
    } catch (failure) {
      if (failure.code !== "no_session") this.fail(failure);
    }
  }

  check(values) {
    const problems = this.missing(values, Object.keys(values));
    if (values.phone && !phoneNumber(values.phone)) problems.phone = "phone_invalid";
    return problems;
  }

  async send({ phone, password, code }) {
    const body = { phone: phoneNumber(phone), ...(password && { password }), ...(code && { code: digits(code) }) };
    const answer = await call("POST", "verify/phone", { body }).catch((failure) => {
      if (/^code_/.test(failure.code)) failure.field = "code";
      // A number was proved in another tab meanwhile.
      if ((failure.params.fields || {}).password) this.form.querySelector("#change").hidden = false;
      throw failure;
    });
    new Draft("phone", { closed: true }).write({ ...answer, number: phoneNumber(phone), at: Date.now() });
    location.assign(`${home}hp/otp/`);
  }
}

mount("phone-form", PhoneForm);
