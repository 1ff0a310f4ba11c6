import { call, learnSteps, me } from "./api.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { home, mount } from "./page.js";
import { areOpen } from "./steps-left.js";

/** The applicant's own statement about school, office and work. */
export class DeclarationForm extends Form {
  constructor(form) {
    super(form, { draft: new Draft("declaration"), secret: ["truthful", "consent"] });
    this.start(this.restore(this.draft.read()));
  }

  async start(kept) {
    if (areOpen("declaration")) return;
    try {
      const { declaration } = await me();
      if (!declaration || kept) return;
      const word = (value) => (value ? "yes" : "no");
      this.restore({
        in_education: word(declaration.in_education),
        official: word(declaration.official),
        employment: declaration.employment,
      });
    } catch (failure) {
      if (failure.code !== "no_session") this.fail(failure);
    }
  }

  check(values) {
    const problems = this.missing(values, ["in_education", "official", "employment"]);
    if (!values.truthful) problems.truthful = "must_agree";
    if (!values.consent) problems.consent = "must_agree";
    return problems;
  }

  async send({ in_education: school, official, employment }) {
    const body = { in_education: school === "yes", official: official === "yes", employment, truthful: true, consent: true };
    learnSteps(await call("PUT", "verify/declaration", { body }));
    this.draft.clear();
    location.assign(`${home}tes/`);
  }
}

mount("declaration-form", DeclarationForm);
