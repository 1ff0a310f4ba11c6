import { fill, link, make, mount, say } from "./page.js";
import { readWaves, unread } from "./public.js";
import { learnTime } from "./times.js";
import { phaseNow } from "./waves.js";

/** All waves, each with a link to its public files. */
export class WaveList {
  constructor(element) {
    this.load(element);
  }

  async load(element) {
    try {
      const { waves, server_time: time } = await readWaves();
      learnTime(time);
      const rows = waves.map((wave) => {
        const name = link(`undian/${wave.wave}/`, say("js.wave", { wave: wave.wave }));
        return make("li", {}, name, make("span", { class: "state" }, say(`short.${phaseNow(wave)}`)));
      });
      fill(element, rows.length ? make("ul", { class: "list" }, ...rows) : make("p", {}, say("js.no_wave")));
    } catch (failure) {
      fill(element, make("p", {}, unread(failure)));
    }
  }
}

mount("wave-list", WaveList);
