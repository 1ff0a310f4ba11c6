import { fill, mount, say } from "./page.js";
import { read } from "./public.js";
import { moment, now } from "./times.js";

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
    this.button.setAttribute("aria-disabled", "true");
    await Promise.all(Object.keys(QUESTIONS).map((part) => this.askOne(part)));
    fill(this.element.querySelector("#asked"), say("js.asked_at", { time: moment(new Date(now()).toISOString()) }));
    this.asking = false;
    this.button.removeAttribute("aria-disabled");
  }

  async askOne(part) {
    const state = this.element.querySelector(`[data-part="${part}"] .state`);
    const start = performance.now();
    try {
      await read(`/api/${QUESTIONS[part]}`, "no-store");
      const seconds = Math.max(0.1, (performance.now() - start) / 1000).toFixed(1);
      state.className = "state good";
      fill(state, say("js.answers", { seconds }));
    } catch (failure) {
      state.className = "state bad";
      fill(state, failure.code === "offline" ? say("js.you_are_offline") : say("js.no_answer"));
    }
  }
}

mount("service-status", ServiceStatus);
