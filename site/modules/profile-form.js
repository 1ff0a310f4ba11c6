import { me } from "./api.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { home, mount } from "./page.js";
import { Regions } from "./regions.js";
import { areOpen } from "./steps-left.js";

const PARTS = ["province", "regency", "district", "village", "street"];
const ABOUT = ["education", "marital", "dependants", "employment", "topic"];

/** Address and situation. Kept on this phone until read back and sent. */
export class ProfileForm extends Form {
  constructor(form) {
    super(form, { draft: new Draft("profile") });
    this.current = form.querySelector("#current");
    this.same = form.elements.same_address;
    this.same.addEventListener("change", () => this.toggle());
    const kept = this.restore(this.draft.read());
    this.toggle();
    this.listRegions();
    this.start(kept);
  }

  listRegions() {
    this.regions = {};
    for (const fieldset of this.form.querySelectorAll("[data-regions]")) {
      const failed = (failure) => this.fail(failure);
      this.regions[fieldset.dataset.regions] = new Regions(fieldset, failed);
    }
  }

  toggle() {
    this.current.hidden = this.same.checked;
  }

  async start(kept) {
    if (areOpen("profile")) return;
    try {
      const { profile } = await me();
      if (!profile || kept) return;
      this.restore(asFields(profile));
      this.toggle();
      for (const regions of Object.values(this.regions)) regions.showRegencies();
    } catch (failure) {
      if (failure.code !== "no_session") this.fail(failure);
    }
  }

  check(values) {
    const places = values.same_address ? ["address"] : ["address", "current_address"];
    const names = places.flatMap((place) => PARTS.map((part) => `${place}.${part}`));
    const problems = this.missing(values, names.concat(ABOUT));
    for (const place of places) {
      for (const [part, least] of [["village", 2], ["street", 3]]) {
        const text = values[`${place}.${part}`];
        if (text && text.length < least) problems[`${place}.${part}`] = "text_length";
      }
    }
    const dependants = values.dependants;
    if (dependants && !(/^\d{1,2}$/.test(dependants) && Number(dependants) <= 20)) {
      problems.dependants = "out_of_range";
    }
    return problems;
  }

  keep() {
    const names = {};
    for (const [place, regions] of Object.entries(this.regions || {})) names[place] = regions.names();
    this.draft.write({ ...this.values(), names });
  }

  async send() {
    this.keep();
    location.assign(`${home}data/periksa/`);
  }
}

function asFields(profile) {
  const fields = { ...profile, same_address: !profile.current_address };
  for (const place of ["address", "current_address"]) {
    for (const [part, value] of Object.entries(profile[place] || {})) fields[`${place}.${part}`] = value;
  }
  return fields;
}

mount("profile-form", ProfileForm);
