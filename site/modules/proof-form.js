import { call } from "./api.js";
import { digits } from "./digits.js";
import { runCheck } from "./draw-running.js";
import { Form } from "./form.js";
import { keepWith } from "./own-scripts.js";
import { count, facts, fill, knows, make, mount, say } from "./page.js";
import { moment } from "./times.js";

/** The public files that a proof is checked with; others that are chosen are not needed. */
const PUBLIC = ["pins.json", "params.json", "roster.head", "beacon.json", "result.head", "void.note"];
const OUTCOMES = ["excluded", "selected", "reserve", "not_selected", "family_limit"];

/** One applicant's proof, checked on this phone. NIK and KK are used here and nowhere else. */
export class ProofForm extends Form {
  constructor(form) {
    super(form);
    this.steps = document.getElementById("check-steps");
    this.result = document.getElementById("check-result");
    this.stop = () => {};
    // Lets the page work without a network the next time.
    keepWith("offline.js");
  }

  check(values) {
    const problems = {};
    for (const name of ["nik", "kk"]) {
      if (!values[name]) problems[name] = "missing";
      else if (digits(values[name]).length !== 16) problems[name] = `${name}_format`;
    }
    if (!values.receipt && !this.chosen().length) problems.receipt = "missing";
    return problems;
  }

  chosen() {
    return Array.from(this.form.elements.files.files);
  }

  async send(values) {
    this.stop();
    fill(this.steps);
    this.result.hidden = true;
    const given = await this.given(values);
    if (!given) return;
    await new Promise((done) => {
      const hear = (said) => {
        if (said.step) this.steps.append(make("li", {}, say(`step.${said.step}`)));
        if (said.held || said.failed) done(this.show(said, given));
      };
      this.stop = runCheck(given, hear, new URL("worker.js", location.href), performer);
    });
  }

  /** The task for the worker from what was chosen, pasted and typed; null when something is missing. */
  async given(values) {
    const found = { files: {}, receipt: parse(values.receipt), proof: null };
    for (const file of this.chosen()) await sort(file, found);
    if (!found.receipt) return this.lacks("receipt", "receipt_unreadable");
    const wave = Number(found.receipt.wave);
    if (!Number.isInteger(wave) || wave < 1) return this.lacks("receipt", "receipt_unreadable");
    const proof = found.proof || (await own(wave));
    if (!proof) return this.lacks("files", "proof_needed");
    const pins = found.files["pins.json"] || pinned();
    const numbers = { nik: digits(values.nik), kk: digits(values.kk) };
    this.pinnedFrom = found.files["pins.json"] ? "own" : pins ? "page" : "site";
    return { wave, pins, files: found.files, own: { receipt: found.receipt, proof, ...numbers } };
  }

  lacks(field, code) {
    this.showErrors({ [field]: code });
    return null;
  }

  show({ held, failed }, { wave }) {
    const lines = held ? this.held(held) : wrong(failed);
    fill(this.result, ...lines, make("p", {}, say("js.proof_pins"), " ", say(`pins.${this.pinnedFrom}`)));
    this.result.className = held ? "notice good" : "notice strong";
    this.result.dataset.wave = wave;
    this.result.hidden = false;
    this.result.focus();
  }

  held({ index, entries, number, result, record, witnesses, pools, wave, round }) {
    const outcome = OUTCOMES[result.outcome];
    const pairs = [
      [say("js.proof_place"), say("js.proof_of", { index: count(index + 1), entries: count(entries) })],
      [say("js.proof_number"), make("span", { class: "long" }, number)],
      [say("js.proof_rank"), result.rank ? count(result.rank) : say("js.proof_no_rank")],
      [say("js.proof_pool"), record.pool ? pools[record.pool - 1] : say("js.proof_no_pool")],
      [say("js.round"), String(round)],
      ...witnesses.map(({ name, at }) => [say("js.proof_witness", { name }), moment(new Date(at * 1000).toISOString())]),
    ];
    const list = make("dl", { class: "facts" });
    facts(list, pairs);
    return [make("h2", {}, say("js.proof_holds", { wave })), make("p", {}, say(`proven.${outcome}`)), list];
  }
}

/** Why a check did not hold, in words where there are some, and as the code always. */
function wrong({ step, code, text }) {
  const why = knows(`failed.${code}`) ? say(`failed.${code}`) : say("failed.other");
  const where = step ? [make("p", {}, say("js.proof_failed_step"), " ", say(`step.${step}`))] : [];
  return [make("h2", {}, say("js.proof_fails")), make("p", {}, why), ...where, make("p", { class: "long" }, text)];
}

/** Put a chosen file where it belongs: by its name, or by what it holds. */
async function sort(file, found) {
  const name = PUBLIC.find((one) => file.name.endsWith(one));
  if (name) {
    found.files[name] = new Uint8Array(await file.arrayBuffer());
    return;
  }
  const value = parse(await file.text());
  if (value && "roster_chunk" in value) found.proof = value;
  else if (value && "salt" in value) found.receipt = value;
}

/** What the worker does, for this page itself. */
function performer() {
  return import("./proof-worker.js").then(({ $proof_worker: worker }) => worker.perform);
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" ? value : null;
  } catch (error) {
    return null;
  }
}

/** The applicant's own proof from the service, when they are logged in; it is asked for by session alone. */
async function own(wave) {
  try {
    return await call("GET", `select/entries/${wave}/proof`, { stay: true });
  } catch (failure) {
    return null;
  }
}

/** The pins that this page was built with, or null. */
function pinned() {
  const held = document.getElementById("pins").content.textContent.trim();
  return held ? new TextEncoder().encode(held) : null;
}

mount("proof-form", ProofForm);
