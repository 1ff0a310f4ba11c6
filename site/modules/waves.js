/* Waves in words: what each phase means, what comes next and when. */

import { make, say } from "./page.js";
import { countdown, duration, moment, now } from "./times.js";

/** Phases in which entries may still be accepted or were not yet decided. */
const RUNNING = ["planned", "open", "closed", "frozen", "roster_published", "drawn"];

/** The phase as the clock has it: a wave counts as open or closed from its very second. */
export function phaseNow({ phase, opens_at: opens, closes_at: closes }) {
  if (phase === "planned" && Date.parse(opens) <= now()) return Date.parse(closes) > now() ? "open" : "closed";
  if (phase === "open" && Date.parse(closes) <= now()) return "closed";
  return phase;
}

/** Waves one may join now. */
export function openWaves(waves) {
  return waves.filter((wave) => phaseNow(wave) === "open");
}

/** The first wave that is still to open. */
export function comingWave(waves) {
  const coming = waves.filter((wave) => phaseNow(wave) === "planned");
  return coming.sort((a, b) => Date.parse(a.opens_at) - Date.parse(b.opens_at))[0] || null;
}

export function isRunning(wave) {
  return RUNNING.includes(wave.phase);
}

/** What a phase means and what happens next, with the time. */
export function phaseSentence(wave) {
  const times = { opens: moment(wave.opens_at), closes: moment(wave.closes_at), draw: moment(wave.draw_at) };
  return say(`phase.${phaseNow(wave)}`, times);
}

/** The same as a line that begins with the wave's name. */
export function phaseLine(wave) {
  return make("p", {}, make("strong", {}, say("js.wave", { wave: wave.wave })), ". ", phaseSentence(wave));
}

/** A line that counts down to a time; it falls silent when the time has come. */
export function clockTo(iso, label) {
  const clock = make("p", { class: "clock", role: "timer" });
  const box = make("div", {}, make("p", { class: "soft" }, label), clock);
  countdown(iso, (left) => {
    clock.textContent = duration(left);
  }, () => {
    box.hidden = true;
  });
  return box;
}
