import { call, codeSentence, sentence, standing } from "./api.js";
import { digits } from "./digits.js";
import { busy, Form } from "./form.js";
import { hideSummary, showSummary } from "./summary.js";
import { download, fill, make, mount, say, showAndFocus } from "./page.js";
import { moment } from "./times.js";
import { phaseNow } from "./waves.js";

/** The request to delete the account. */
class LeaveForm extends Form {
  constructor(form, done) {
    super(form, { secret: ["password", "code", "sure"] });
    this.done = done;
  }

  check(values) {
    const problems = this.missing(values, ["password", ...("code" in values ? ["code"] : [])]);
    if (!values.sure) problems.sure = "must_agree";
    return problems;
  }

  async send({ password, code }) {
    const body = { password, ...(code && { code: digits(code) }) };
    const answer = await call("DELETE", "verify/me", { body }).catch((failure) => {
      if (/^code_/.test(failure.code)) failure.field = "code";
      throw failure;
    });
    this.done(answer);
  }
}

/** What applicants may do with their own data: a copy, leaving a wave, leaving altogether. */
export class MyData {
  constructor(element) {
    this.summary = element.querySelector(".summary");
    this.done = element.querySelector("#done");
    this.waves = element.querySelector("#waves");
    this.contested = element.querySelector("#contested");
    this.withPhone = element.querySelector("#with-phone");
    this.form = element.querySelector("form");
    new LeaveForm(this.form, (answer) => this.left(answer));
    this.press(element.querySelector("#download"), () => this.copy());
    this.press(element.querySelector("#not-me"), () => this.notMe());
    this.start();
  }

  async start() {
    try {
      const { person, waves, entries } = await standing();
      const held = person.held || [];
      this.withPhone.hidden = !person.phone;
      this.contested.hidden = !held.includes("contested");
      if (held.includes("disputed")) this.tell(say("js.my.disputed"));
      if (held.includes("leaving")) {
        this.form.hidden = true;
        this.tell(say("js.my.leaving"));
      }
      const open = new Set(waves.filter((wave) => phaseNow(wave) === "open").map(({ wave }) => wave));
      fill(this.waves, ...entries.filter(({ wave }) => open.has(wave)).map((entry) => this.row(entry)));
      if (!this.waves.children.length) fill(this.waves, make("li", { class: "soft" }, say("js.my.no_wave")));
    } catch (failure) {
      fill(this.waves);
      this.fail(failure);
    }
    this.waves.removeAttribute("aria-busy");
  }

  row({ wave, joined_at: joined }) {
    const button = make("button", { type: "button", class: "small" }, say("js.my.withdraw", { wave }));
    const row = make("li", {}, make("span", {}, `${say("js.wave", { wave })}, ${moment(joined)}`), button);
    this.press(button, async () => {
      await call("DELETE", `select/waves/${wave}/entry`, { safe: true });
      row.remove();
      this.tell(say("js.my.withdrawn", { wave }));
    });
    return row;
  }

  /** One file of what the three functions hold. */
  async copy() {
    const [account, photos, { entries }] = await Promise.all([
      call("GET", "verify/export"),
      call("GET", "upload/photos"),
      call("GET", "select/entries"),
    ]);
    const full = await Promise.all(entries.map(({ wave }) => call("GET", `select/entries/${wave}`)));
    const text = JSON.stringify({ ...account, photos: photos.photos, entries: full }, null, 1);
    download("data-saya.json", text, "application/json");
    this.tell(say("js.my.copied"));
  }

  async notMe() {
    await call("POST", "verify/not-me", { body: {}, safe: true });
    this.contested.hidden = true;
    this.tell(say("js.my.disputed"));
  }

  left({ waits_for: waves }) {
    this.form.hidden = true;
    this.tell(waves.length ? say("js.my.leaving_later", { waves: waves.join(", ") }) : say("js.my.leaving"));
  }

  tell(text) {
    fill(this.done, text);
    showAndFocus(this.done);
  }

  press(button, work) {
    button.addEventListener("click", async () => {
      if (button.hasAttribute("aria-disabled")) return;
      hideSummary(this.summary);
      busy(button, true);
      try {
        await work();
      } catch (failure) {
        this.fail(failure);
      } finally {
        busy(button, false);
      }
    });
  }

  fail(failure) {
    if (failure.code === "no_session") return;
    showSummary(this.summary, [{ text: failure.code ? sentence(failure) : codeSentence("unexpected") }]);
    if (!failure.code) throw failure;
  }
}

mount("my-data", MyData);
