import { call, codeSentence, sentence, standing } from "./api.js";
import { forgetDrafts } from "./drafts.js";
import { recordBox } from "./entry-record.js";
import { busy } from "./form.js";
import { holdNotice } from "./hold-notice.js";
import { hideSummary, showSummary } from "./summary.js";
import { count, download, facts, fill, home, link, make, mount, say } from "./page.js";
import { forgetPhotos } from "./photo-store.js";
import { receiptBox } from "./receipt.js";
import { STEPS } from "./steps.js";
import { moment } from "./times.js";
import { clockTo, comingWave, openWaves, phaseLine, phaseNow } from "./waves.js";

const SVG = "http://www.w3.org/2000/svg";

/** Everything one applicant needs to know: what is missing, what runs, what came of it. */
export class Dashboard {
  constructor(element) {
    this.summary = element.querySelector(".summary");
    this.content = element.querySelector("#content");
    this.logoutButton = element.querySelector("#logout");
    this.logoutButton.addEventListener("click", () => this.logout());
    this.load();
  }

  async load() {
    try {
      const { person, waves, entries } = await standing();
      const full = await Promise.all(entries.map(({ wave }) => call("GET", `select/entries/${wave}`)));
      full.sort((a, b) => b.wave - a.wave);
      const known = new Map(waves.map((wave) => [wave.wave, wave]));
      const looked = await photosInReview(person);
      fill(this.content, this.greeting(person), this.unreachable(person), this.nextStep(person, waves, full, looked));
      for (const entry of full) this.content.append(this.entryBox(entry, known.get(entry.wave)));
      this.content.append(...this.readiness(person, looked), ...this.messages(person));
    } catch (failure) {
      this.fail(failure);
    }
    this.content.removeAttribute("aria-busy");
  }

  greeting({ name }) {
    return make("p", { class: "lead" }, say("js.greeting", { name }));
  }

  /** Mail that cannot arrive, and how that is mended. */
  unreachable({ email, email_unreachable: why }) {
    return why ? make("p", { class: "notice" }, say("js.unreachable", { email }), " ", link("masuk/email/", say("js.change_email"))) : "";
  }

  /** The one thing to do now. */
  nextStep(person, waves, entries, looked) {
    const box = make("section", { class: "box main" }, make("h2", {}, say("js.next_step")));
    const joined = new Set(entries.map(({ wave }) => wave));
    const open = openWaves(waves).filter(({ wave }) => !joined.has(wave));
    const [first] = person.missing.filter((step) => !looked.has(step));
    const coming = comingWave(waves);
    if (person.recipient_of) box.append(make("p", {}, say("js.is_recipient", { wave: person.recipient_of })));
    else if ((person.held || []).length) box.append(...holdNotice(person, looked));
    else if (first) {
      box.append(make("p", {}, say("js.still_missing", { number: person.missing.length })));
      box.append(link(STEPS[first], say(`readiness.${first}`), { class: "button" }));
    } else if (looked.size) box.append(make("p", {}, say("js.review_wait")));
    else if (open.length) {
      box.append(phaseLine(open[0]), clockTo(open[0].closes_at, say("js.closes_in")));
      box.append(link("gelombang/", say("js.choose_wave"), { class: "button" }));
    } else if (entries.some((entry) => !entry.outcome)) box.append(make("p", {}, say("js.nothing_to_do")));
    else box.append(coming ? phaseLine(coming) : make("p", {}, say("js.no_wave")));
    return box;
  }

  entryBox(entry, wave = entry) {
    const box = make("section", { class: "box" }, make("h2", {}, say("js.wave", { wave: entry.wave })));
    if (entry.outcome) box.append(...this.outcome(entry));
    else box.append(...this.waiting(entry, wave), ...recordBox(entry));
    box.append(...receiptBox(entry.receipt));
    if (["drawn", "announced"].includes(entry.phase)) box.append(this.proofButton(entry.wave));
    const public_ = link(`undian/${entry.wave}/`, say("js.draw_files", { wave: entry.wave }));
    box.append(make("p", {}, public_));
    return box;
  }

  /** What the state means, what comes next and when. */
  waiting(entry, wave) {
    const parts = [make("p", {}, make("strong", {}, say("js.in_draw", { time: moment(entry.joined_at) })))];
    const phase = wave.closes_at ? phaseNow({ ...wave, phase: entry.phase }) : entry.phase;
    const times = { draw: moment(entry.draw_at), closes: wave.closes_at ? moment(wave.closes_at) : "" };
    parts.push(make("p", {}, say(`waiting.${phase}`, times)));
    if (["open", "closed", "frozen", "roster_published"].includes(phase)) parts.push(clockTo(entry.draw_at, say("js.draw_in")));
    for (const code of entry.exclusions) {
      parts.push(make("p", { class: "notice" }, say("js.will_be_excluded"), " ", say(`exclusion.${code}`)));
    }
    return parts;
  }

  outcome({ outcome: result, wave }) {
    const { outcome, reasons, rank, removed_for: removed, promoted_at: promoted } = result;
    if (removed) return [make("div", { class: "notice" }, make("p", {}, make("strong", {}, say("removed.title"))), make("p", {}, say(`removed.${removed}`)))];
    const good = outcome === "selected" || outcome === "reserve";
    const parts = [make("div", { class: good ? "notice good" : "notice" },
      make("p", {}, make("strong", {}, say(`outcome.${outcome}`, { wave }))),
      make("p", {}, say(`outcome.${outcome}_next`)))];
    for (const code of reasons || []) parts.push(make("p", {}, say(`exclusion.${code}`)));
    if (promoted) parts.push(make("p", {}, say("js.promoted", { time: moment(promoted) })));
    if (rank) {
      const list = make("dl", { class: "facts" });
      facts(list, rankFacts(result));
      parts.push(make("h3", {}, say("js.why")), rankPicture(result), list, make("p", { class: "soft" }, say("js.why_text")));
    }
    return parts;
  }

  proofButton(wave) {
    const button = make("button", { type: "button", class: "small" }, say("js.proof_save"));
    button.addEventListener("click", async () => {
      hideSummary(this.summary);
      busy(button, true);
      try {
        const proof = await call("GET", `select/entries/${wave}/proof`);
        download(`proof-${wave}.json`, JSON.stringify(proof), "application/json");
      } catch (failure) {
        this.fail(failure);
      } finally {
        busy(button, false);
      }
    });
    return make("p", {}, button, " ", link("undian/periksa/", say("js.proof_how")));
  }

  readiness({ readiness, locked }, looked) {
    const rows = Object.entries(STEPS).map(([name, page]) => {
      const done = readiness[name];
      const fixed = name === "email" || (locked && ["identity", "ktp", "selfie"].includes(name));
      const title = fixed ? make("span", {}, say(`readiness.${name}`)) : link(page, say(`readiness.${name}`));
      const open = looked.has(name) ? say("js.review_state") : say("js.to_do");
      const state = make("span", { class: done ? "state good" : "state" }, done ? say("js.done") : open);
      return make("li", { class: done ? "done" : "open" }, title, state);
    });
    const number = Object.values(readiness).filter(Boolean).length;
    const bar = make("progress", { value: number, max: rows.length, "aria-hidden": "true" });
    const told = make("p", { class: "soft" }, say("js.readiness_number", { number, of: rows.length }));
    return [make("h2", {}, say("js.readiness")), told, bar, make("ol", { class: "list marks" }, ...rows)];
  }

  /** What became of mails and SMS that were sent to this person. */
  messages({ delivery }) {
    if (!delivery.length) return [];
    const rows = delivery.slice(0, 5).map(({ channel, state, at }) =>
      make("li", {}, make("span", {}, `${say(`channel.${channel}`)}, ${moment(at)}`), make("span", { class: "state" }, say(`delivery.${state}`) || say("delivery.other"))));
    return [make("h2", {}, say("js.messages")), make("ul", { class: "list" }, ...rows)];
  }

  async logout() {
    if (this.leaving) return;
    this.leaving = true;
    busy(this.logoutButton, true);
    try {
      await call("DELETE", "verify/sessions", { safe: true, stay: true });
    } catch (failure) {
      if (failure.code !== "no_session") {
        this.leaving = false;
        busy(this.logoutButton, false);
        this.fail(failure);
        return;
      }
    }
    forgetDrafts();
    await forgetPhotos();
    location.assign(home);
  }

  fail(failure) {
    if (failure.code === "no_session") return;
    showSummary(this.summary, [{ text: failure.code ? sentence(failure) : codeSentence("unexpected") }]);
    if (!failure.code) throw failure;
  }
}

/** The missing photos that an officer is looking at. */
async function photosInReview({ missing }) {
  if (!missing.includes("ktp") && !missing.includes("selfie")) return new Set();
  const { photos } = await call("GET", "upload/photos");
  const looked = photos.filter(({ kind, state }) => state === "in_review" && missing.includes(kind));
  return new Set(looked.map(({ kind }) => kind));
}

/** All numbers from left to right: the part that got a place, and one's own. The facts below say the same. */
function rankPicture({ rank, last_rank_open: last, entries }) {
  if (last == null || !entries) return "";
  const picture = document.createElementNS(SVG, "svg");
  const draw = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    picture.append(element);
  };
  const place = (number) => Math.min(298, Math.max(2, (number / entries) * 300));
  for (const [name, value] of Object.entries({ viewBox: "0 0 300 28", class: "ranks", "aria-hidden": "true" })) picture.setAttribute(name, value);
  draw("rect", { class: "all", y: 10, width: 300, height: 12, rx: 6 });
  draw("rect", { class: "places", y: 10, width: place(last), height: 12, rx: 2 });
  draw("path", { class: "own", d: `M${place(rank)} 26V9m-7-9h14l-7 9z` });
  return picture;
}

function rankFacts({ rank, last_rank_pool: pool, last_rank_open: open, quota, entries }) {
  const pairs = [[say("js.rank"), count(rank)]];
  if (pool != null) pairs.push([say("js.last_pool"), count(pool)]);
  if (open != null) pairs.push([say("js.last_open"), count(open)]);
  if (quota != null) pairs.push([say("js.quota"), count(quota)]);
  if (entries != null) pairs.push([say("js.entries"), count(entries)]);
  return pairs;
}

mount("dashboard", Dashboard);
