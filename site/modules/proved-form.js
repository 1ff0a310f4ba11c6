import { me } from "./api.js";
import { Form } from "./form.js";

/** A change of the account: asks for a code as well once a phone is proved, and is seen when that is known. */
export class ProvedForm extends Form {
  constructor(form, options) {
    super(form, options);
    this.askForCode();
  }

  async askForCode() {
    try {
      const { phone } = await me();
      this.form.querySelector("#change").hidden = !phone;
    } catch (failure) {
      if (failure.code !== "no_session") this.fail(failure);
    }
    this.form.removeAttribute("aria-busy");
  }
}
