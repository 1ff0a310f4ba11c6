import { call, learnSteps, me } from "./api.js";
import { digits } from "./digits.js";
import { Draft } from "./drafts.js";
import { Form } from "./form.js";
import { fill, home, mount, say } from "./page.js";
import { Resend } from "./resend.js";
import { areOpen } from "./steps-left.js";
import { learnTime, moment, now } from "./times.js";

/** A code's SMS counts as the one awaited for as long as its code lives; milliseconds. */
const RECENT = 10 * 60000;
/** When to ask what became of the SMS, after the code was asked for; milliseconds. */
const LOOKS = [10000, 30000, 60000, 120000];

const kept = new Draft("phone", { closed: true });

/** The code from the SMS. */
class CodeForm extends Form {
  check(values) {
    if (!values.code) return { code: "missing" };
    return digits(values.code).length === 6 ? {} : { code: "code_format" };
  }

  async send({ code }) {
    try {
      learnSteps(await call("POST", "verify/phone/confirm", { body: { code: digits(code) } }));
    } catch (failure) {
      if (failure.code === "code_wrong" || failure.code === "code_expired") failure.field = "code";
      throw failure;
    }
    kept.clear();
    new Draft("phone-typed", { closed: true }).clear();
    location.assign(`${home}data/nik/`);
  }
}

export class PhoneCode {
  constructor(element) {
    this.form = new CodeForm(element.querySelector("form"));
    this.tries = element.querySelector("#tries");
    this.number = element.querySelector("#number");
    this.resend = new Resend(element.querySelector("#resend"), element.querySelector("#resend-line"), () => this.again());
    this.start();
  }

  async start() {
    const sent = kept.read();
    if (sent) this.show(sent);
    try {
      const person = sent && areOpen("phone") ? null : await me();
      if (!sent && !person.phone) {
        document.getElementById("asked").hidden = true;
        document.getElementById("no-number").hidden = false;
        return;
      }
      if (!person && sent.server_time) learnTime(new Date(Date.parse(sent.server_time) + Date.now() - sent.at).toISOString());
      if (sent) this.resend.until(sent.next_at);
      else fill(this.number, person.phone);
      this.listen();
      this.follow(person ? person.delivery : []);
    } catch (failure) {
      if (failure.code !== "no_session") this.form.fail(failure);
    }
  }

  /** Say what became of the last SMS, for as long as it is on its way. */
  follow(delivery, looks = LOOKS) {
    const sms = delivery.find(({ channel, template }) => channel === "sms" && template === "phone_code");
    const fresh = sms && now() - Date.parse(sms.at) < RECENT;
    const state = fresh ? say(`delivery.${sms.state}`) || say("delivery.other") : say("delivery.waiting");
    fill(document.getElementById("delivery"), say("js.sms_state", { state, time: moment(fresh ? sms.at : new Date(now()).toISOString()) }));
    const over = fresh && sms.state !== "waiting";
    if (!over && looks.length) setTimeout(() => this.look(looks).catch(() => {}), looks[0]);
  }

  async look([waited, ...later]) {
    const { delivery } = await me();
    this.follow(delivery, later.map((at) => at - waited));
  }

  /** Phones that can read the code from the SMS offer to fill it in; pressing stays the person's. */
  listen() {
    if (!("OTPCredential" in window)) return;
    const asked = navigator.credentials.get({ otp: { transport: ["sms"] } });
    const filled = (credential) => {
      if (credential) this.form.form.elements.code.value = credential.code;
    };
    asked.then(filled, () => {});
  }

  show({ phone, tries_left: left }) {
    fill(this.number, phone);
    fill(this.tries, left ? say("js.tries_left", { number: left }) : "");
  }

  async again() {
    const sent = kept.read();
    if (!sent) {
      location.assign(`${home}hp/`);
      return new Promise(() => {});
    }
    const answer = await call("POST", "verify/phone", { body: { phone: sent.number } });
    kept.write({ ...answer, number: sent.number, at: Date.now() });
    this.show(answer);
    return answer;
  }
}

mount("phone-code", PhoneCode);
