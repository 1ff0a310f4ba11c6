import { count, facts, fill, make, say } from "./page.js";
import { read } from "./public.js";
import { moment } from "./times.js";

/** Quota, dates and provinces of a wave, as a list; without the close where it was just said. */
export function waveFacts(wave, { closes = true } = {}) {
  const list = make("dl", { class: "facts" });
  const pairs = [[say("js.quota"), count(wave.quota)]];
  if (closes) pairs.push([say("js.closes"), moment(wave.closes_at)]);
  pairs.push([say("js.draw_at"), moment(wave.draw_at)]);
  pairs.push([say("js.for_provinces"), provincesOf(wave)]);
  facts(list, pairs);
  return list;
}

/** The provinces of a wave by name, or the whole country. */
export function provincesOf({ provinces: codes }) {
  if (!codes) return say("js.all_provinces");
  const line = make("span", {}, codes.join(", "));
  const named = (names) => fill(line, codes.map((code) => names[code] || code).join(", "));
  read("/data/wilayah/index.json").then(named, () => {});
  return line;
}
