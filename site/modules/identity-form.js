import { me } from "./api.js";
import { birthDate, digits } from "./digits.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { fill, home, link, make, mount, say } from "./page.js";
import { areOpen } from "./steps-left.js";

/** NIK, family card, birth date, sex. Kept in this tab until read back and sent. */
export class IdentityForm extends Form {
  constructor(form) {
    super(form, { draft: new Draft("identity", { closed: true }) });
    if (this.restore(this.draft.read())) this.echo();
    this.start();
  }

  /** Let the read-outs beside the numbers follow values that were put there. */
  echo() {
    for (const name of ["nik", "kk"]) this.form.elements[name].dispatchEvent(new Event("change"));
  }

  async start() {
    if (areOpen("identity")) return;
    try {
      const { identity, locked } = await me();
      if (!identity) return;
      const box = document.getElementById("saved");
      const told = locked ? say("js.identity_locked") : say("js.identity_saved", identity);
      fill(box, make("p", {}, told), make("p", {}, link("data/diri/", say("js.go_on"))));
      box.hidden = false;
      if (locked) this.form.hidden = true;
    } catch (failure) {
      if (failure.code !== "no_session") this.fail(failure);
    }
  }

  check(values) {
    const problems = {};
    for (const name of ["nik", "kk"]) {
      if (!values[name]) problems[name] = "missing";
      else if (!/^[\d\s.-]+$/.test(values[name]) || digits(values[name]).length !== 16) problems[name] = `${name}_format`;
    }
    if (!values.day && !values.month && !values.year) problems.birth_date = "missing";
    else if (!birthDate(values)) problems.birth_date = "wrong_type";
    if (!values.sex) problems.sex = "missing";
    return problems;
  }

  async send() {
    this.keep();
    location.assign(`${home}data/diri/`);
  }
}

mount("identity-form", IdentityForm);
