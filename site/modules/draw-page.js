import { call, codeSentence, sentence } from "./api.js";
import { chanceChart } from "./chance-chart.js";
import { signedTimes } from "./draw-heads.js";
import { count, facts, fill, make, mount, say } from "./page.js";
import { showSummary } from "./summary.js";
import { learnTime, moment } from "./times.js";
import { provincesOf } from "./wave-facts.js";
import { phaseSentence } from "./waves.js";

/** The public files of a wave, in the order in which they appear. */
const FILES = ["params.json", "roster.bin", "roster.head", "beacon.json", "results.bin", "result.head"];

/** The long lists, each published before the note that signs it; they are not asked for by themselves. */
const SIGNED = { "roster.bin": "roster.head", "results.bin": "result.head" };

/** The report that an announced wave may have, and its picture. */
const REPORT = ["bias.json", "bias.svg"];

/** The programme's limit of recipients for each family card, as the chart shows it. */
const FAMILY_ROOM = 2;

/** How many of them there can be in a phase; all in those not named. */
const PUBLISHED = { planned: 1, open: 1, closed: 1, frozen: 1, roster_published: 3 };

/** The public page of one wave; its number stands in the address. */
export class DrawPage {
  constructor(element) {
    this.part = (id) => element.querySelector(`#${id}`);
    this.summary = element.querySelector(".summary");
    this.element = element;
    const found = /\/undian\/([1-9]\d{0,9})\/$/.exec(location.pathname);
    if (found) this.load(Number(found[1]));
    else this.none();
  }

  none() {
    this.part("no-wave").hidden = false;
    this.element.removeAttribute("aria-busy");
  }

  async load(number) {
    this.sameWaveInOtherLanguage(number);
    document.querySelector("h1").textContent = say("js.draw_title", { wave: number });
    document.title = document.title.replace(/^.*(?= – )/, say("js.draw_title", { wave: number }));
    try {
      const wave = await found(number);
      this.show(wave);
      const most = PUBLISHED[wave.phase] || FILES.length;
      const asked = FILES.slice(0, most).filter((name) => !(name in SIGNED));
      if (wave.phase === "void") asked.push("void.note");
      const files = await Promise.all(asked.map((name) => published(number, name)));
      const texts = Object.fromEntries(asked.map((name, index) => [name, files[index]]));
      for (const [list, note] of Object.entries(SIGNED)) if (texts[note]) texts[list] = "";
      this.showFiles(wave, texts);
      if (wave.phase === "announced") this.whenSeen(this.part("files"), () => this.offerReport(number));
    } catch (failure) {
      const text = failure.code ? sentence(failure) : codeSentence("unexpected");
      showSummary(this.summary, [{ text }]);
      this.none();
    }
  }

  whenSeen(element, act) {
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      act();
    });
    watch.observe(element);
  }

  async offerReport(number) {
    if ((await published(number, REPORT[0])) === null) return;
    this.part("files").append(...REPORT.map((name) => fileRow(number, name, true)));
  }

  sameWaveInOtherLanguage(number) {
    const other = document.getElementById("other-language");
    other.href = other.getAttribute("href").replace(/gelombang\/$/, `${number}/`);
  }

  /** What is known of a wave before its files are: enough to read while they come. */
  show(wave) {
    fill(this.part("phase"), phaseSentence(wave));
    facts(this.part("facts"), this.waveFacts(wave));
    this.showVoid(wave);
    this.showChances(wave);
    fill(this.part("commands"), commands(wave.wave));
    this.part("wave").hidden = false;
    this.element.removeAttribute("aria-busy");
  }

  showFiles(wave, texts) {
    fill(this.part("heads"), ...this.heads(texts));
    facts(this.part("signed"), this.signedFacts(texts));
    facts(this.part("moments"), moments(wave, texts));
    const names = texts["void.note"] ? [...FILES, "void.note"] : FILES;
    fill(this.part("files"), ...names.map((name) => fileRow(wave.wave, name, typeof texts[name] === "string")));
    this.part("recompute").hidden = !texts["result.head"];
    this.part("recompute").firstElementChild.href += `#${wave.wave}`;
    this.part("moments").removeAttribute("aria-busy");
  }

  showVoid({ void: ended }) {
    if (!ended) return;
    fill(this.part("void"), make("p", {}, say("js.void_text")), make("p", {}, say(`void.${ended.reason}`)), make("p", { lang: "en" }, ended.sentence));
    this.part("void").hidden = false;
  }

  /** From the last rank that got an open place, or before the draw from places and entries. */
  showChances({ entries, quota, last_ranks: ranks }) {
    if (!entries) return;
    const share = Math.min(1, (ranks ? ranks.open : quota) / entries);
    fill(this.part("chances"), ...chanceChart(share, FAMILY_ROOM));
    this.part("family").hidden = false;
  }

  waveFacts(wave) {
    const pairs = [
      [say("js.for_provinces"), provincesOf(wave)],
      [say("js.quota"), count(wave.quota)],
      ...returned(wave.returned_from),
      [say("js.reserve"), count(wave.reserve)],
      [say("js.opens"), moment(wave.opens_at)],
      [say("js.closes"), moment(wave.closes_at)],
      [say("js.draw_at"), moment(wave.draw_at)],
      [say("js.round"), String(wave.round)],
      [say("js.entries"), wave.entries == null ? say("js.not_yet") : count(wave.entries)],
    ];
    for (const pool of wave.pools) pairs.push([say("js.pool", { pool: pool.name }), count(pool.seats)]);
    if (wave.last_ranks) pairs.push(...lastRanks(wave.last_ranks));
    return pairs;
  }

  signedFacts(texts) {
    const { policy } = JSON.parse(texts["params.json"] || "{}");
    const { randomness } = JSON.parse(texts["beacon.json"] || "{}");
    const pairs = [[say("js.policy"), policy], [say("js.randomness"), randomness]];
    return pairs.filter(([, value]) => value).map(([term, value]) => [term, make("span", { class: "long" }, value)]);
  }

  heads(texts) {
    const shown = ["roster.head", "result.head", "void.note"].filter((name) => texts[name]);
    if (!shown.length) return [make("p", {}, say("js.no_heads"))];
    return shown.flatMap((name) => [
      make("h3", {}, name),
      make("pre", { tabindex: "0", "aria-label": name }, texts[name]),
    ]);
  }
}

/** Places in the quota that people of earlier waves had to give back. */
function returned(places) {
  return Object.entries(places || {}).map(([wave, number]) => [say("js.returned_from", { wave }), count(number)]);
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

/** What was committed when, and who saw it when: as the notes say it, which the check verifies. */
function moments(wave, texts) {
  const params = texts["params.json"] && JSON.parse(texts["params.json"]);
  const pairs = params && params.opens_at ? [[say("js.when_params"), say("js.when_params_text", { opens: moment(params.opens_at) })]] : [];
  const published = Date.parse((texts["roster.head"] || "").split("\n")[5]);
  if (published) {
    pairs.push([say("js.when_roster"), moment(new Date(published).toISOString())]);
    for (const { name, at } of signedTimes(texts["roster.head"])) pairs.push([say("js.when_witness", { name }), moment(at)]);
  }
  if (texts["beacon.json"]) pairs.push([say("js.when_beacon", { round: JSON.parse(texts["beacon.json"]).round }), moment(wave.draw_at)]);
  return pairs.length ? pairs : [[say("js.when_params"), say("js.not_yet")]];
}

function commands(wave) {
  const address = `${location.origin}/undian`;
  return [
    `curl -fO ${address}/verify.py -fO ${address}/pins.json`,
    "python3 -m pip install cryptography py_ecc",
    `python3 verify.py ${address}/${wave}/ --pins pins.json`,
  ].join("\n");
}

/** One wave, out of the list that is asked for with the page; what is not in it, the server has an answer for. */
async function found(number) {
  const { waves, server_time: time } = await call("GET", "select/waves");
  learnTime(time);
  return waves.find(({ wave }) => wave === number) || call("GET", `select/waves/${number}`);
}

/** The text of a public file; null when it is not there. */
async function published(wave, name) {
  try {
    const response = await fetch(`/undian/${wave}/${name}`);
    return response.ok ? await response.text() : null;
  } catch (error) {
    return null;
  }
}

mount("draw-page", DrawPage);
