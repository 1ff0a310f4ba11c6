import { call, sentence } from "./api.js";
import { digits } from "./digits.js";
import { Draft } from "./drafts.js";
import { Form, busy } from "./form.js";
import { showSummary } from "./summary.js";
import { fill, mount, say, showAndFocus } from "./page.js";
import { Resend } from "./resend.js";
import { suggestion } from "./typo.js";

const typed = new Draft("address", { closed: true });

/** When to ask what became of the mail, after it was sent; milliseconds. A server that does not
    know the address answers within seconds. */
const LOOKS = [5000, 40000, 120000];
/** Who comes back later than this after the mail was asked for is told at once. */
const JUST_SENT = 10000;

/** The code from the mail. */
class CodeForm extends Form {
  constructor(form, done) {
    super(form, { draft: typed });
    this.done = done;
    this.restore(typed.read());
  }

  check(values) {
    const problems = this.missing(values, ["email", "code"]);
    if (values.code && digits(values.code).length !== 6) problems.code = "code_format";
    return problems;
  }

  async send({ email, code }) {
    try {
      await call("POST", "verify/email/confirm", { body: { email, code: digits(code) } });
    } catch (failure) {
      if (failure.code === "code_wrong" || failure.code === "code_expired") failure.field = "code";
      throw failure;
    }
    this.done();
  }
}

/** Another address than the one first given. */
class ChangeForm extends Form {
  constructor(form, changed) {
    super(form, { draft: new Draft("address-new", { closed: true }) });
    this.changed = changed;
    this.restore(this.draft.read());
  }

  check(values) {
    const problems = this.missing(values, ["new_email"]);
    if (values.new_email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(values.new_email)) problems.new_email = "email_invalid";
    return problems;
  }

  async send({ new_email: email }) {
    const answer = await call("PUT", "verify/email", { body: { email } });
    typed.write({ email });
    this.draft.clear();
    this.form.reset();
    this.changed(email, answer);
  }
}

/** Proving an address: by the link's token, which only a press of the button uses up, or a code. */
export class EmailConfirm {
  constructor(element) {
    this.token = decodeURIComponent(location.hash.slice(1));
    this.byLink = element.querySelector("#by-link");
    this.button = element.querySelector("#confirm-link");
    this.address = element.querySelector("#address");
    this.codeForm = new CodeForm(element.querySelector("#code-form"), () => this.done());
    new ChangeForm(element.querySelector("#change-form"), (email, answer) => this.changed(email, answer));
    this.resend = new Resend(element.querySelector("#resend"), element.querySelector("#resend-line"), () =>
      call("POST", "verify/email/resend", { body: {} }),
    );
    if (this.token.includes(".")) this.offerLink();
    const kept = typed.read();
    if (!kept) return;
    this.show(kept.email);
    this.watch(Date.now() - (kept.at || 0) > JUST_SENT ? [0, ...LOOKS] : LOOKS);
  }

  /** Say it when the mail comes back. Whoever reads this has asked for that mail in this tab. */
  watch(looks) {
    const turn = (this.turn || 0) + 1;
    this.turn = turn;
    this.returned(false);
    for (const wait of looks) setTimeout(() => turn === this.turn && this.look(turn), wait);
  }

  async look(turn) {
    try {
      const { state } = await call("GET", "verify/email");
      if (turn === this.turn && state === "unreachable") this.returned(true);
    } catch (failure) {
      if (!failure.code) throw failure;
    }
  }

  returned(is) {
    document.getElementById("unreachable").hidden = !is;
    document.getElementById("resend").hidden = is;
  }

  offerLink() {
    history.replaceState(null, "", location.pathname);
    document.getElementById("by-code").hidden = true;
    this.byLink.hidden = false;
    this.button.addEventListener("click", () => this.useLink());
  }

  async useLink() {
    if (this.working) return;
    this.working = true;
    busy(this.button, true);
    try {
      await call("POST", "verify/email/confirm", { body: { token: this.token } });
      this.done();
    } catch (failure) {
      document.getElementById("by-code").hidden = false;
      showSummary(this.byLink.querySelector(".summary"), [{ text: sentence(failure) }]);
      if (failure.code === "link_invalid") this.button.hidden = true;
    } finally {
      this.working = false;
      busy(this.button, false);
    }
  }

  show(email) {
    fill(this.address, email);
    const better = suggestion(email);
    const line = document.getElementById("address-typo");
    line.hidden = !better;
    if (!better) return;
    fill(line, say("js.typo", { address: better }));
    document.getElementById("new-email").value = better;
  }

  changed(email, answer) {
    this.show(email);
    this.codeForm.restore({ email });
    this.resend.until(answer.next_at, say("js.resent"));
    this.watch(LOOKS);
    window.scrollTo(0, 0);
  }

  done() {
    this.turn = 0;
    typed.clear();
    this.byLink.hidden = true;
    document.getElementById("by-code").hidden = true;
    showAndFocus(document.getElementById("done"));
  }
}

mount("email-confirm", EmailConfirm);
