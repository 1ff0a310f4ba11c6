import { call, newKey } from "./api.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { fill, home, language, make, mount, say } from "./page.js";
import { suggestion } from "./typo.js";

/** Name, address, password. The same answers sent twice are the same registration. */
export class RegisterForm extends Form {
  constructor(form) {
    super(form, { draft: new Draft("register", { closed: true }) });
    this.restore(this.draft.read());
    this.sent = { text: "", key: "" };
    this.email = form.elements.email;
    this.email.addEventListener("change", () => this.hint());
  }

  check(values) {
    const problems = this.missing(values, ["name", "email", "password"]);
    if (values.name && values.name.length < 2) problems.name = "text_length";
    if (values.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(values.email)) problems.email = "email_invalid";
    if (values.password && Array.from(values.password).length < 8) problems.password = "password_short";
    return problems;
  }

  async send({ name, email, password }) {
    const body = { name, email, password, language };
    const text = JSON.stringify(body);
    if (text !== this.sent.text) this.sent = { text, key: newKey() };
    await call("POST", "verify/accounts", { body, key: this.sent.key });
    new Draft("address", { closed: true }).write({ email, at: Date.now() });
    this.draft.clear();
    location.assign(`${home}daftar/email/`);
  }

  hint() {
    const better = suggestion(this.email.value);
    const line = document.getElementById("email-typo");
    line.hidden = !better;
    if (!better) return;
    const button = make("button", { type: "button", class: "small" }, say("js.typo_use"));
    button.addEventListener("click", () => {
      this.email.value = better;
      line.hidden = true;
      this.keep();
      this.email.focus();
    });
    fill(line, say("js.typo", { address: better }), " ", button);
  }
}

mount("register-form", RegisterForm);
