import { call, codeSentence, newKey, sentence, standing } from "./api.js";
import { busy } from "./form.js";
import { hideSummary, showSummary } from "./summary.js";
import { fill, home, link, make, mount, say, showAndFocus } from "./page.js";
import { receiptBox } from "./receipt.js";
import { STEPS } from "./steps.js";
import { waveFacts } from "./wave-facts.js";
import { clockTo, comingWave, openWaves, phaseLine } from "./waves.js";

/** Joining an open wave: readiness, consent, receipt. */
export class WaveJoin {
  constructor(element) {
    this.summary = element.querySelector(".summary");
    this.list = element.querySelector("#waves");
    this.receipt = element.querySelector("#receipt");
    this.load();
  }

  async load() {
    try {
      this.show(await standing());
    } catch (failure) {
      this.fail(failure);
    }
    this.list.removeAttribute("aria-busy");
  }

  show({ person, waves, entries }) {
    const joined = new Set(entries.map((entry) => entry.wave));
    const open = openWaves(waves);
    fill(this.list);
    if (person.recipient_of) this.list.append(make("p", { class: "notice good" }, say("js.is_recipient", { wave: person.recipient_of })));
    else if (person.missing.length) this.list.append(this.missingBox(person.missing));
    if (!open.length) this.list.append(this.noneBox(comingWave(waves)));
    const ready = !person.missing.length && !person.recipient_of;
    for (const wave of open) this.list.append(this.waveBox(wave, ready, joined.has(wave.wave)));
  }

  missingBox(missing) {
    const rows = missing.map((name) => make("li", {}, link(STEPS[name], say(`readiness.${name}`))));
    return make("div", { class: "notice" }, make("p", {}, say("js.not_ready")), make("ol", {}, ...rows));
  }

  noneBox(next) {
    const box = make("div", { class: "box" }, make("p", {}, make("strong", {}, say("js.no_open_wave"))));
    box.append(next ? phaseLine(next) : make("p", {}, say("js.no_wave")));
    return box;
  }

  waveBox(wave, ready, joined) {
    const box = make("section", { class: "box main" }, make("h2", {}, say("js.wave", { wave: wave.wave })));
    box.append(waveFacts(wave), clockTo(wave.closes_at, say("js.closes_in")));
    if (joined) box.append(make("p", { class: "notice good" }, say("js.joined"), " ", link("dasbor/", say("js.to_dashboard"))));
    else if (ready) box.append(this.consentForm(wave));
    return box;
  }

  consentForm(wave) {
    const tick = make("input", { type: "checkbox", id: `consent-${wave.wave}` });
    const button = make("button", { type: "submit", class: "button" }, say("js.join", { wave: wave.wave }));
    const form = make("form", { method: "post", novalidate: true },
      make("p", {}, say("js.join_meaning")),
      make("label", { class: "tick" }, tick, make("span", {}, say("js.join_consent"))),
      button,
      make("p", { class: "progress-line", role: "status" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.join(wave.wave, tick, button, form.lastChild);
    });
    return form;
  }

  async join(wave, tick, button, line) {
    if (this.working) return;
    hideSummary(this.summary);
    if (!tick.checked) {
      showSummary(this.summary, [{ text: say("js.join_consent_needed"), id: tick.id }]);
      return;
    }
    this.working = true;
    busy(button, true);
    fill(line, say("js.sending"));
    try {
      const answer = await call("POST", `select/waves/${wave}/entry`, { body: { consent: true }, key: keyFor(wave) });
      this.done(wave, answer);
    } catch (failure) {
      this.fail(failure);
    } finally {
      this.working = false;
      busy(button, false);
      fill(line);
    }
  }

  done(wave, { receipt, exclusions }) {
    this.list.hidden = true;
    const parts = [make("h2", {}, say("js.joined_title", { wave })), make("p", {}, say("js.joined_text"))];
    for (const code of exclusions) parts.push(make("p", { class: "notice" }, say("js.will_be_excluded"), " ", say(`exclusion.${code}`)));
    parts.push(...receiptBox(receipt), make("p", {}, link("dasbor/", say("js.to_dashboard"), { class: "button" })));
    fill(this.receipt, ...parts);
    showAndFocus(this.receipt);
    window.scrollTo(0, 0);
  }

  fail(failure) {
    if (failure.code === "no_session") return;
    if (failure.code === "not_ready") {
      const links = (failure.params.missing || []).map((name) => ({ text: say(`readiness.${name}`), href: home + STEPS[name] }));
      showSummary(this.summary, [{ text: sentence(failure) }, ...links]);
      return;
    }
    showSummary(this.summary, [{ text: failure.code ? sentence(failure) : codeSentence("unexpected") }]);
    if (!failure.code) throw failure;
  }
}

/** The key of this join, the same after a reload, so that a repeat is answered with the receipt. */
function keyFor(wave) {
  const name = `gelombang.draft.join.${wave}`;
  try {
    const key = sessionStorage.getItem(name) || newKey();
    sessionStorage.setItem(name, key);
    return key;
  } catch (error) {
    return newKey();
  }
}

mount("wave-join", WaveJoin);
