import { call } from "./api.js";
import { busy } from "./form.js";
import { fill, link, make, mount, say } from "./page.js";
import { learnTime, moment, now } from "./times.js";
import { phaseNow } from "./waves.js";

/** A small question to each part of the service. */
const QUESTIONS = { verify: "verify/openapi.json", upload: "upload/openapi.json", select: "select/waves" };

/** Asks each part whether it answers, from this phone and now. */
export class ServiceStatus {
  constructor(element) {
    this.element = element;
    this.button = element.querySelector("#again");
    this.button.addEventListener("click", () => this.ask());
    this.ask();
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    busy(this.button, true);
    await Promise.all(Object.keys(QUESTIONS).map((part) => this.askOne(part)));
    fill(this.element.querySelector("#asked"), say("js.asked_at", { time: moment(new Date(now()).toISOString()) }));
    this.asking = false;
    busy(this.button, false);
  }

  async askOne(part) {
    const state = this.element.querySelector(`[data-part="${part}"] .state`);
    const start = performance.now();
    try {
      const answer = await call("GET", QUESTIONS[part]);
      const seconds = Math.max(0.1, (performance.now() - start) / 1000).toFixed(1);
      state.className = "state good";
      fill(state, say("js.answers", { seconds }));
      if (part === "select") this.showWaves(answer);
    } catch (failure) {
      state.className = "state bad";
      fill(state, failure.code === "offline" ? say("js.you_are_offline") : say("js.no_answer"));
      if (part === "select") fill(this.element.querySelector("#waves"), make("li", {}, say("js.no_answer")));
    }
  }

  showWaves({ waves, server_time: time }) {
    learnTime(time);
    const rows = waves.map((wave) => {
      const name = link(`undian/${wave.wave}/`, say("js.wave", { wave: wave.wave }));
      return make("li", {}, name, make("span", { class: "state" }, say(`short.${phaseNow(wave)}`)));
    });
    fill(this.element.querySelector("#waves"), ...(rows.length ? rows : [make("li", {}, say("js.no_wave"))]));
  }
}

mount("service-status", ServiceStatus);
