import { count, fill, link, make, mount, say } from "./page.js";
import { read, unread } from "./public.js";
import { clockNow, duration, moment, now } from "./times.js";
import { clockTo, phaseNow, phaseSentence } from "./waves.js";

const FILE = "/status/status.json";
const EACH = 60000;
/** The file is written each minute; older than this it no longer tells of now. */
const STALE = 5 * 60000;
const SVG = "http://www.w3.org/2000/svg";

/** The service's own figures, read again each minute while someone looks. */
export class PublicFigures {
  constructor(element) {
    this.taken = element.querySelector("#taken");
    this.figures = element.querySelector("#figures");
    this.load();
    setInterval(() => {
      if (!document.hidden) this.load();
    }, EACH);
  }

  async load() {
    try {
      this.told = await read(FILE, "no-cache");
    } catch (failure) {
      fill(this.taken, failure.code === "unexpected" ? say("js.figures_none") : unread(failure));
      this.figures.removeAttribute("aria-busy");
      return;
    }
    this.show(this.told);
    this.figures.removeAttribute("aria-busy");
  }

  show({ taken_at: at, registrations, photos, mail, sms, waves }) {
    const old = now() - Date.parse(at);
    const time = moment(at);
    this.taken.className = old > STALE ? "notice" : "soft";
    fill(this.taken, old > STALE ? say("js.figures_old", { time, age: duration(old) }) : say("js.figures_at", { time }));
    const words = (name) => make("h2", {}, say(`figures.${name}`));
    fill(this.figures, words("now"), clock(), ...waves.map(waveRow),
      words("registrations"), tiles([["total", registrations.total], ["last_hour", registrations.last_hour]]),
      words("photos"), bars([["accepted", photos.accepted], ["refused", photos.refused]].map(([name, number]) => [say(`figures.${name}`), number, name])),
      ...reasons(photos),
      words("waits"), waits({ photo: photos, mail, sms }));
  }
}

/** The server's time, by which waves open and close. */
function clock() {
  const time = make("strong", {});
  const tick = () => fill(time, clockNow());
  tick();
  const timer = setInterval(() => (time.isConnected ? tick() : clearInterval(timer)), 1000);
  return make("p", {}, say("js.server_time"), " ", time);
}

function waveRow(wave) {
  const phase = phaseNow(wave);
  const name = link(`undian/${wave.wave}/`, say("js.wave", { wave: wave.wave }));
  const row = make("div", { class: phase === "open" ? "box main" : "box" }, make("h3", {}, name), make("p", {}, sentenceOf(wave, phase)));
  if (phase === "open") row.append(clockTo(wave.closes_at, say("js.closes_in")));
  return row;
}

function sentenceOf(wave, phase) {
  return ["planned", "open"].includes(phase) ? phaseSentence({ ...wave, draw_at: wave.closes_at }) : say(`short.${phase}`);
}

function tiles(pairs) {
  const cells = pairs.map(([name, number]) => make("div", {}, make("dt", {}, say(`figures.${name}`)), make("dd", {}, told(number))));
  return make("dl", { class: "tiles" }, ...cells);
}

function reasons({ reasons: found }) {
  if (!found.length) return [];
  return [make("h3", {}, say("figures.reasons")), bars(found.map(({ reason, count: number }) => [say(`advice.${reason}`) || say("advice.other"), number, "refused"]))];
}

/** A table whose rows carry a bar each; the numbers stand beside, so the bars are only for the eye. */
function bars(rows) {
  const most = Math.max(...rows.map(([, number]) => number || 0), 1);
  const lines = rows.map(([name, number, kind]) => {
    const picture = draw("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", class: `bar ${kind}`, "aria-hidden": "true" });
    picture.append(draw("rect", { width: Math.max(0.5, ((number || 0) / most) * 100), height: 6 }));
    return make("tr", {}, make("th", { scope: "row" }, name, picture), make("td", {}, told(number)));
  });
  return make("table", { class: "figures wide" }, make("tbody", {}, ...lines));
}

function waits(parts) {
  const head = make("tr", {}, ...["what", "half", "most", "oldest"].map((name) => make("th", { scope: "col" }, say(`figures.${name}`))));
  const lines = Object.entries(parts).map(([name, part]) => make("tr", {}, make("th", { scope: "row" }, say(`figures.${name}`)),
    ...["half_seconds", "most_seconds", "oldest_seconds"].map((field) => make("td", {}, lasting(part[field])))));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("figures.waits") },
    make("table", { class: "figures wide" }, make("thead", {}, head), make("tbody", {}, ...lines)));
}

function lasting(seconds) {
  if (seconds == null) return "–";
  return seconds ? duration(seconds * 1000) : say("figures.none_waits");
}

function told(number) {
  return number == null ? say("figures.few") : count(number);
}

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

mount("public-figures", PublicFigures);
