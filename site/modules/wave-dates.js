import { fill, make, mount, say } from "./page.js";
import { readWaves, unread } from "./public.js";
import { learnTime } from "./times.js";
import { comingWave, openWaves, phaseSentence, waveFacts } from "./waves.js";

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
  }
}

function box(wave) {
  const title = make("h3", {}, say("js.wave", { wave: wave.wave }));
  return make("div", { class: "box main" }, title, make("p", {}, phaseSentence(wave)), waveFacts(wave));
}

mount("wave-dates", WaveDates);
