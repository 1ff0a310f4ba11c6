/* What became of a photo, in words and pictures: the worst reason with its picture and what to do, the
   others below it. */

import { link, make, say } from "./page.js";
import { moment } from "./times.js";

const SVG = "http://www.w3.org/2000/svg";

/** Reasons about the file rather than about what it shows share a picture. */
const ABOUT_THE_FILE = ["too_large", "wrong_format", "corrupt", "too_many_pixels"];

/** The picture of a code, as the sprite of the page has it; nothing when there is none. */
export function picture(code) {
  const name = `advice-${ABOUT_THE_FILE.includes(code) ? "file" : code}`;
  if (!document.getElementById(name)) return "";
  const image = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  image.setAttribute("class", "advice");
  image.setAttribute("viewBox", "0 0 120 90");
  image.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  image.append(use);
  return image;
}

/** A decided photo as a notice. `elsewhere`: an officer has another photo of this kind; `more` are nodes to
    put at the end. */
export function verdictNotice(photo, { elsewhere = false, more = [] } = {}) {
  const { state, by_person: person, review_asked_at: asked } = photo;
  if (state === "refused") return refusal(photo, elsewhere, more);
  const parts = [make("h2", {}, say(`photo.${state}`))];
  if (person) parts.push(make("p", {}, say("js.review_accepted")));
  if (state === "in_review" && asked) parts.push(make("p", {}, say("js.review_asked", { time: moment(asked) })));
  parts.push(make("p", {}, say(`photo.${state}_next`)));
  return make("div", { class: state === "accepted" ? "notice good" : "notice" }, ...parts);
}

function refusal({ reasons, details, by_person: person }, elsewhere, more) {
  const [worst, ...others] = reasons;
  const parts = [make("h2", {}, person ? say("js.review_refused") : say("photo.refused"))];
  if (worst) parts.push(picture(worst), ...explained(worst, details[worst] || {}));
  if (others.length) {
    const rows = others.map((reason) => make("li", {}, ...explained(reason, details[reason] || {})));
    parts.push(make("h3", {}, say("js.photo_also")), make("ul", {}, ...rows));
  }
  parts.push(make("p", {}, say("js.photo_again")), ...more);
  if (elsewhere) parts.push(make("p", {}, say("js.review_other")));
  return make("div", { class: "notice bad" }, ...parts);
}

/** A reason, and what to do about it. */
function explained(reason, { side, digits }) {
  let exactly = side ? say("js.photo_side", { side: say(`side.${side}`) }) : "";
  if (digits === 1) exactly = say("js.photo_one_digit");
  const what = say(`reason.${reason}.what`) || say("reason.other.what");
  const how = say(`reason.${reason}.how`) || say("reason.other.how");
  const parts = [make("p", {}, make("strong", {}, `${what} ${exactly}`.trim()), " ", how)];
  if (reason === "nik_mismatch") parts.push(make("p", {}, link("data/nik/", say("js.photo_fix_nik"), { class: "button second" })));
  return parts;
}

/** What the phone itself doubts: the same pictures, said as a guess. */
export function doubtsNotice(codes) {
  const parts = [picture(codes[0])];
  for (const code of codes) parts.push(make("p", {}, make("strong", {}, say(`doubt.${code}`))));
  return [...parts, make("p", {}, say("js.photo_doubt"))];
}
