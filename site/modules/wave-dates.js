import { fill, make, mount, say } from "./page.js";
import { readWaves, unread } from "./public.js";
import { learnTime } from "./times.js";
import { waveFacts } from "./wave-facts.js";
import { comingWave, openWaves, phaseNow, phaseSentence } from "./waves.js";

/** The waves one can join now, or the next one to open. */
export class WaveDates {
  constructor(element) {
    this.load(element);
  }

  async load(element) {
    try {
      const { waves, server_time: time } = await readWaves();
      learnTime(time);
      const open = openWaves(waves);
      const next = comingWave(waves);
      const shown = open.length ? open : next ? [next] : [];
      if (!shown.length) fill(element, make("p", {}, say("js.no_wave")));
      else fill(element, ...shown.map(box));
    } catch (failure) {
      fill(element, make("p", {}, unread(failure)));
    }
    element.removeAttribute("aria-busy");
  }
}

function box(wave) {
  const title = make("h3", {}, say("js.wave", { wave: wave.wave }));
  const facts = waveFacts(wave, { closes: phaseNow(wave) !== "open" });
  return make("div", { class: "box main" }, title, make("p", {}, phaseSentence(wave)), facts);
}

mount("wave-dates", WaveDates);
