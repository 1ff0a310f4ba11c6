/* Why an account cannot yet join a wave, and what happens next. Nothing is said of any other account. */

import { link, make, say } from "./page.js";
import { STEPS } from "./steps.js";

/** What the dashboard says of a person whose account is held back; `looked` are the photos that an officer has.
    The first of `held` is the gravest. */
export function holdNotice({ held: [hold], missing }, looked) {
  const parts = [make("p", {}, make("strong", {}, say(`held.${hold}`)))];
  const then = (text) => parts.push(make("p", {}, text));
  if (hold === "contested") {
    then(say("js.held_compare"));
    parts.push(link("data/saya/", say("js.held_ask"), { class: "button" }));
    parts.push(make("p", {}, link(STEPS.identity, say("js.photo_fix_nik"))));
  } else if (hold === "disputed" && missing.includes("selfie") && !looked.has("selfie")) {
    then(say("js.held_selfie"));
    parts.push(link(STEPS.selfie, say("readiness.selfie"), { class: "button" }));
  } else then(say("js.held_wait"));
  return parts;
}
