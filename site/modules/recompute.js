import { runCheck } from "./draw-running.js";
import { count, fill, knows, make, mount, say } from "./page.js";

/** More entries than this are for a computer: the lists would not fit a phone's memory. */
const MOST_ENTRIES = 1000000;

const WORKER = new URL("./wave-worker.js", import.meta.url);

/** The whole draw, computed again in this browser. Its wave stands behind the address: #12. */
export class Recompute {
  constructor(element) {
    this.button = element.querySelector("#recompute-start");
    this.cancel = element.querySelector("#recompute-stop");
    this.bar = element.querySelector("progress");
    this.line = element.querySelector("[role=status]");
    this.steps = element.querySelector("ol");
    this.result = element.querySelector(".notice");
    this.stop = () => {};
    this.button.addEventListener("click", () => this.start());
    const found = /^#([1-9]\d{0,9})$/.exec(location.hash);
    if (!found) this.button.hidden = true;
    else {
      this.wave = Number(found[1]);
      document.querySelector("h1").textContent = say("js.recompute_title", { wave: this.wave });
      const other = document.getElementById("other-language");
      other.href += location.hash;
    }
    this.cancel.addEventListener("click", () => this.end(say("js.recompute_stopped")));
  }

  start() {
    fill(this.steps);
    this.result.hidden = true;
    this.running(true);
    this.bar.removeAttribute("value");
    fill(this.line, say("js.recompute_begin"));
    this.stop = runCheck({ wave: this.wave, mostEntries: MOST_ENTRIES }, (said) => this.hear(said), WORKER, performer);
  }

  hear({ step, progress, held, failed }) {
    if (step) this.steps.append(make("li", {}, say(`step.${step}`), " ", make("code", {}, `ok ${step}`)));
    if (progress) {
      this.bar.max = progress.of || 1;
      this.bar.value = progress.done;
      const percent = Math.floor((100 * progress.done) / (progress.of || 1));
      fill(this.line, say(`progress.${progress.what}`), ` ${percent} %`);
    }
    if (held) this.tell("notice good", say("js.recompute_holds", { entries: count(held.entries), witnesses: held.witnesses.length, quorum: held.quorum }), say("pins.site"));
    if (failed) this.tell("notice strong", knows(`failed.${failed.code}`) ? say(`failed.${failed.code}`) : say("failed.other"), `FAILED ${failed.step}: ${failed.text}`);
  }

  tell(look, ...lines) {
    this.end("");
    fill(this.result, ...lines.map((line) => make("p", {}, line)));
    this.result.className = look;
    this.result.hidden = false;
  }

  end(text) {
    this.stop();
    this.running(false);
    fill(this.line, text);
  }

  running(is) {
    this.button.hidden = is;
    this.cancel.hidden = !is;
    this.bar.hidden = !is;
  }
}

/** What the worker does, for this page itself. */
function performer() {
  return import("./wave-worker.js").then(({ $wave_worker: worker }) => worker.perform);
}

mount("recompute", Recompute);
