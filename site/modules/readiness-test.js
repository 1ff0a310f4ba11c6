import { call, codeSentence, sentence } from "./api.js";
import { Draft } from "./drafts.js";
import { busy } from "./form.js";
import { hideSummary, showSummary } from "./summary.js";
import { fill, language, link, make, mount, say, showAndFocus } from "./page.js";
import { countdown, duration, learnTime, moment, now } from "./times.js";

/** Twenty questions, one at a time; each answer is saved as it is given. */
export class ReadinessTest {
  constructor(element) {
    this.part = (id) => element.querySelector(`#${id}`);
    this.summary = element.querySelector(".summary");
    this.working = false;
    this.chosen = new Draft("answer", { closed: true });
    const on = (id, name, act) => this.part(id).addEventListener(name, (event) => this.act(event, act));
    on("start", "click", () => this.begin());
    on("answer", "submit", () => this.save());
    this.part("answer").addEventListener("input", ({ target }) => this.keep(Number(target.value)));
    on("back", "click", () => this.go(this.number - 1));
    on("submit", "click", () => this.submit());
    on("review", "click", () => this.go(1));
    this.start();
  }

  async start() {
    try {
      this.take(await call("GET", "verify/test"));
    } catch (failure) {
      this.fail(failure);
    }
  }

  /** One action at a time, its failure shown. */
  async act(event, work) {
    event.preventDefault();
    if (this.working) return;
    this.working = true;
    hideSummary(this.summary);
    const button = event.submitter || event.target.querySelector("[type=submit]") || event.target;
    busy(button, true);
    try {
      await work();
    } catch (failure) {
      this.fail(failure);
    } finally {
      this.working = false;
      busy(button, false);
    }
  }

  /** The test as the server has it. */
  take(test) {
    learnTime(test.server_time);
    this.test = test;
    if (test.state === "none") this.show("intro");
    else if (test.state === "open") this.resume();
    else if (test.state === "overdue") this.submit().catch((failure) => this.fail(failure));
    else this.showState(test);
  }

  async begin() {
    this.take(await call("POST", "verify/test", { body: {}, safe: true }));
  }

  resume() {
    if (this.stop) this.stop();
    const tick = (left) => fill(this.part("clock"), duration(left));
    this.stop = countdown(this.test.deadline, tick, () => this.timeIsUp());
    const open = this.test.questions.find(({ n }) => !(n in this.test.answers));
    if (open) this.go(open.n);
    else this.showOverview();
  }

  go(number) {
    const { questions, answers } = this.test;
    if (number < 1) return;
    if (number > questions.length) {
      this.showOverview();
      return;
    }
    this.number = number;
    const { text, options } = questions[number - 1];
    fill(this.part("count"), say("js.test_count", { number, of: questions.length }));
    fill(this.part("question"), text[language]);
    const kept = this.chosen.read() || {};
    const mine = kept.attempt === this.test.attempt && kept.number === number;
    const list = options.map((option, index) => {
      const chosen = (mine ? kept.choice : answers[number]) === index;
      const input = make("input", { type: "radio", name: "choice", value: index, id: `choice-${index}` });
      input.checked = chosen;
      return make("label", { class: "tick" }, input, make("span", {}, option[language]));
    });
    fill(this.part("options"), ...list);
    this.part("back").hidden = number === 1;
    this.show("running");
    this.part("count").focus();
  }

  /** What is chosen and not yet saved, should the phone end the tab. */
  keep(choice) {
    this.chosen.write({ attempt: this.test.attempt, number: this.number, choice });
  }

  async save() {
    const chosen = this.part("options").querySelector("input:checked");
    if (!chosen) {
      showSummary(this.summary, [{ text: say("js.test_choose"), id: "choice-0" }]);
      return;
    }
    const choice = Number(chosen.value);
    fill(this.part("line"), say("js.saving"));
    await call("PUT", `verify/test/answers/${this.number}`, { body: { attempt: this.test.attempt, choice } });
    this.chosen.clear();
    fill(this.part("line"), say("js.saved"));
    this.test.answers[this.number] = choice;
    this.go(this.number + 1);
  }

  showOverview() {
    const { questions, answers } = this.test;
    const open = questions.filter(({ n }) => !(n in answers));
    const told = { number: questions.length - open.length, of: questions.length };
    fill(this.part("answered"), say("js.test_answered", told));
    const rows = open.map(({ n }) => {
      const button = make("button", { type: "button", class: "small" }, say("js.test_open", { number: n }));
      button.addEventListener("click", () => this.go(n));
      return make("li", {}, button);
    });
    fill(this.part("unanswered"), ...rows);
    this.part("unanswered").hidden = !rows.length;
    this.show("overview");
    this.part("overview").querySelector("h2").focus();
  }

  async submit() {
    const result = await call("POST", "verify/test/submit", { body: { attempt: this.test.attempt }, safe: true });
    if (this.stop) this.stop();
    this.showState({ ...result, state: result.passed ? "passed" : result.tries_left ? "failed" : "spent" });
  }

  async timeIsUp() {
    await new Promise((go) => setTimeout(go, 1500));
    await this.start();
  }

  /** A finished test: what it means and what comes next. */
  showState(test) {
    const { state, score, of, pass_mark: mark, next_at: next } = test;
    const box = this.part("result");
    const lines = [make("h2", {}, say(`test.${state}`))];
    if (score != null) lines.push(make("p", {}, say("js.test_score", { score, of, mark })));
    lines.push(make("p", {}, say(`test.${state}_next`)));
    if (state === "failed" && next) lines.push(make("p", {}, say("js.test_next", { time: moment(next) })));
    if (state === "passed") lines.push(make("p", {}, link("gelombang/", say("js.to_waves"), { class: "button" })));
    else lines.push(make("p", {}, link("dasbor/", say("js.to_dashboard"))));
    const may = state === "failed" && (!next || Date.parse(next) <= now());
    fill(box, make("div", { class: state === "passed" ? "notice good" : "notice" }, ...lines));
    this.show("result");
    if (may) this.part("intro").hidden = false;
    box.focus();
  }

  show(id) {
    for (const part of ["intro", "running", "overview", "result"]) this.part(part).hidden = part !== id;
    if (id !== "running") fill(this.part("line"));
  }

  fail(failure) {
    fill(this.part("line"));
    if (failure.code === "no_session") return;
    const text = failure.code ? sentence(failure) : codeSentence("unexpected");
    showSummary(this.summary, [{ text }]);
    if (failure.code === "test_over") this.timeIsUp();
    if (!failure.code) throw failure;
  }
}

mount("readiness-test", ReadinessTest);
