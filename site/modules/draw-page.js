import { call, codeSentence, sentence } from "./api.js";
import { showSummary } from "./form.js";
import { count, facts, fill, make, mount, say } from "./page.js";
import { moment } from "./times.js";
import { phaseSentence } from "./waves.js";

/** The public files of a wave, in the order in which they appear. */
const FILES = ["params.json", "roster.bin", "roster.head", "beacon.json", "results.bin", "result.head"];

/** How many of them there can be in a phase; all in those not named. */
const PUBLISHED = { planned: 1, open: 1, closed: 1, frozen: 1, roster_published: 3 };

/** The public page of one wave; its number stands in the address. */
export class DrawPage {
  constructor(element) {
    this.part = (id) => element.querySelector(`#${id}`);
    this.summary = element.querySelector(".summary");
    const found = /\/undian\/([1-9]\d{0,9})\/$/.exec(location.pathname);
    if (found) this.load(Number(found[1]));
    else this.part("no-wave").hidden = false;
  }

  async load(number) {
    this.sameWaveInOtherLanguage(number);
    document.querySelector("h1").textContent = say("js.draw_title", { wave: number });
    document.title = document.title.replace(/^.*(?= – )/, say("js.draw_title", { wave: number }));
    try {
      const wave = await call("GET", `select/waves/${number}`);
      const most = PUBLISHED[wave.phase] || FILES.length;
      const ask = (name, index) => (index < most ? published(number, name) : null);
      const files = await Promise.all(FILES.map(ask));
      const texts = Object.fromEntries(FILES.map((name, index) => [name, files[index]]));
      this.show(wave, texts);
    } catch (failure) {
      const text = failure.code ? sentence(failure) : codeSentence("unexpected");
      showSummary(this.summary, [{ text }]);
      this.part("no-wave").hidden = false;
    }
  }

  sameWaveInOtherLanguage(number) {
    const other = document.getElementById("other-language");
    other.href = other.getAttribute("href").replace(/gelombang\/$/, `${number}/`);
  }

  show(wave, texts) {
    fill(this.part("phase"), phaseSentence(wave));
    facts(this.part("facts"), this.waveFacts(wave, texts));
    fill(this.part("heads"), ...this.heads(texts));
    fill(this.part("files"), ...FILES.map((name) => fileRow(wave.wave, name, texts[name] !== null)));
    fill(this.part("commands"), commands(wave.wave));
    this.part("wave").hidden = false;
  }

  waveFacts(wave, texts) {
    const params = texts["params.json"] ? JSON.parse(texts["params.json"]) : {};
    const beacon = texts["beacon.json"] ? JSON.parse(texts["beacon.json"]) : {};
    const pairs = [
      [say("js.quota"), count(wave.quota)],
      [say("js.reserve"), count(wave.reserve)],
      [say("js.opens"), moment(wave.opens_at)],
      [say("js.closes"), moment(wave.closes_at)],
      [say("js.draw_at"), moment(wave.draw_at)],
      [say("js.round"), String(beacon.round || wave.round)],
      [say("js.entries"), wave.entries == null ? say("js.not_yet") : count(wave.entries)],
    ];
    for (const pool of params.pools || []) pairs.push([say("js.pool", { pool: pool.name }), count(pool.seats)]);
    if (wave.last_ranks) pairs.push(...lastRanks(wave.last_ranks));
    if (params.policy) pairs.push([say("js.policy"), make("span", { class: "long" }, params.policy)]);
    if (beacon.randomness) pairs.push([say("js.randomness"), make("span", { class: "long" }, beacon.randomness)]);
    return pairs;
  }

  heads(texts) {
    const shown = ["roster.head", "result.head"].filter((name) => texts[name]);
    if (!shown.length) return [make("p", {}, say("js.no_heads"))];
    return shown.flatMap((name) => [
      make("h3", {}, name),
      make("pre", { tabindex: "0", "aria-label": name }, texts[name]),
    ]);
  }
}

/** The last rank selected in each pool and in the open pass; 0 where nobody was. */
function lastRanks({ open, pools }) {
  const inPools = Object.entries(pools || {}).map(([pool, rank]) => [say("js.last_rank", { pool }), count(rank)]);
  return [[say("js.last_open"), count(open)], ...inPools];
}

function fileRow(wave, name, there) {
  const shown = there ? make("a", { href: `/undian/${wave}/${name}`, download: `${wave}-${name}` }, name) : make("span", {}, name);
  const state = there ? say(`file.${name.replace(".", "_")}`) : say("js.not_yet");
  return make("li", {}, shown, make("span", { class: "state" }, state));
}

function commands(wave) {
  const address = `${location.origin}/undian`;
  return [
    `curl -f --create-dirs -o pins.json ${address}/pins.json`,
    `curl -f --create-dirs -o "wave-${wave}/#1" "${address}/${wave}/{${FILES.join(",")}}"`,
    `.venv/bin/python -m functions.select.draw verify wave-${wave} --pins pins.json`,
  ].join("\n");
}

/** The text of a public file; the empty text for a large one that is there; null when it is not. */
async function published(wave, name) {
  const large = name.endsWith(".bin");
  try {
    const response = await fetch(`/undian/${wave}/${name}`, { method: large ? "HEAD" : "GET", credentials: "omit" });
    if (!response.ok) return null;
    return large ? "" : await response.text();
  } catch (error) {
    return null;
  }
}

mount("draw-page", DrawPage);
