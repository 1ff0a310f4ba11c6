import { call, learnSteps, me } from "./api.js";
import { birthDate, digits, inFours } from "./digits.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { facts, home, mount, say } from "./page.js";
import { areOpen } from "./steps-left.js";
import { dayInWords } from "./times.js";

const PARTS = ["province", "regency", "district", "village", "street"];
const IDENTITY = ["nik", "kk", "birth_date", "sex"];

/** Reads the answers back, then sends them. */
export class ReviewAnswers extends Form {
  constructor(form) {
    super(form);
    this.identityDraft = new Draft("identity", { closed: true });
    this.profileDraft = new Draft("profile");
    this.identity = this.identityDraft.read();
    this.profile = this.profileDraft.read();
    this.show();
    form.removeAttribute("aria-busy");
    if (!areOpen("profile")) this.meet();
  }

  /** Whose session has ended had better log in before sending. */
  meet() {
    me().catch((failure) => {
      if (failure.code !== "no_session") this.fail(failure);
    });
  }

  show() {
    if (this.identity) {
      const { nik, kk, sex } = this.identity;
      facts(this.section("identity"), [
        [say("js.nik"), inFours(digits(nik))],
        [say("js.kk"), inFours(digits(kk))],
        [say("js.birth_date"), dayInWords(birthDate(this.identity))],
        [say("js.sex"), say(`choice.sex.${sex}`)],
      ]);
    }
    if (this.profile) facts(this.section("profile"), this.profileFacts());
    if (this.identity || this.profile) return;
    document.getElementById("nothing").hidden = false;
    this.button.hidden = true;
  }

  section(id) {
    const section = document.getElementById(id);
    section.hidden = false;
    return section.querySelector("dl");
  }

  profileFacts() {
    const values = this.profile;
    const place = (name) => `${values[`${name}.street`]}, ${values[`${name}.village`]}, ${values.names[name]}`;
    return [
      [say("js.address"), place("address")],
      [say("js.current_address"), values.same_address ? say("js.same_address") : place("current_address")],
      [say("js.education"), say(`choice.education.${values.education}`)],
      [say("js.marital"), say(`choice.marital.${values.marital}`)],
      [say("js.dependants"), values.dependants],
      [say("js.employment"), say(`choice.employment.${values.employment}`)],
      [say("js.topic"), say(`choice.topic.${values.topic}`)],
    ];
  }

  /** Both go in one request. */
  async send() {
    const profile = this.profile && profileBody(this.profile);
    if (this.identity) {
      const { nik, kk, sex } = this.identity;
      const body = { nik: digits(nik), kk: digits(kk), birth_date: birthDate(this.identity), sex, ...(profile && { profile }) };
      learnSteps(await call("PUT", "verify/identity", { body }));
    } else learnSteps(await call("PUT", "verify/profile", { body: profile }));
    this.identityDraft.clear();
    this.profileDraft.clear();
    this.identity = this.profile = null;
    location.assign(`${home}foto/ktp/`);
  }

  elsewhere(name) {
    const page = IDENTITY.includes(name) ? "data/nik/" : "data/diri/";
    return `${home}${page}#${name.replace(/^profile\./, "").replace(/[._]/g, "-")}`;
  }
}

function profileBody(values) {
  const place = (name) => Object.fromEntries(PARTS.map((part) => [part, values[`${name}.${part}`]]));
  const { education, marital, employment, topic } = values;
  return {
    address: place("address"),
    current_address: values.same_address ? null : place("current_address"),
    dependants: Number(values.dependants),
    education,
    marital,
    employment,
    topic,
  };
}

mount("review-answers", ReviewAnswers);
