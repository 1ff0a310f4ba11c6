import { call, me, newKey, sentence, codeSentence } from "./api.js";
import { busy } from "./form.js";
import { hideSummary, showSummary } from "./summary.js";
import { fill, link, make, mount, say } from "./page.js";
import { forgetPhoto, keepPhoto, keptPhoto } from "./photo-store.js";
import { shrink } from "./photo-shrink.js";
import { Upload } from "./photo-upload.js";
import { learnTime, moment } from "./times.js";

/** How often the verdict is asked for (milliseconds), and after how many times the page lets go. */
export const ASKING = { first: 1000, longest: 5000, times: 30 };

/** One photo, from the camera to the verdict. */
export class PhotoForm {
  constructor(element) {
    this.kind = element.dataset.kind;
    this.part = (id) => element.querySelector(`#${id}`);
    this.summary = element.querySelector(".summary");
    this.image = element.querySelector("img");
    this.line = this.part("line");
    this.applicant = null;
    this.photo = null;
    this.looked = null;
    for (const id of ["take", "pick"]) {
      this.part(id).addEventListener("change", (event) => this.choose(event.target));
    }
    this.part("send").addEventListener("click", () => this.send());
    this.part("stop").addEventListener("click", () => this.upload && this.upload.stop());
    this.start();
  }

  /** What is known already: a verdict, a photo under way, or one kept on this phone. */
  async start() {
    try {
      this.applicant = (await me()).applicant;
      const { photos, server_time: time } = await call("GET", "upload/photos");
      learnTime(time);
      if (this.photo) return;
      const kept = await keptPhoto(this.kind, this.applicant);
      const mine = photos.filter((photo) => photo.kind === this.kind && photo.state !== "waiting");
      const [latest] = mine;
      this.looked = mine.find(({ state }) => state === "in_review") || null;
      if (kept) this.offer(kept, true);
      else if (latest) this.showVerdict(latest);
    } catch (failure) {
      this.fail(failure);
    }
  }

  async choose(input) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    hideSummary(this.summary);
    this.part("verdict").hidden = true;
    this.tell(say("js.photo_shrinking"));
    try {
      const blob = await shrink(file);
      const photo = { kind: this.kind, applicant: this.applicant, blob, key: newKey() };
      this.offer(photo, false);
      if (this.applicant) await keepPhoto(photo);
      this.tell("");
    } catch (failure) {
      this.fail(failure);
    }
  }

  /** Show the photo and wait for the word to send it. */
  offer(photo, restored) {
    this.photo = photo;
    if (this.image.src) URL.revokeObjectURL(this.image.src);
    this.image.src = URL.createObjectURL(photo.blob);
    this.part("restored").hidden = !restored;
    this.part("preview").hidden = false;
  }

  async send() {
    if (!this.photo || this.upload) return;
    hideSummary(this.summary);
    busy(this.part("send"), true);
    this.part("choose").hidden = true;
    this.part("work").hidden = false;
    this.upload = new Upload(this.photo, (state, number) => this.progress(state, number));
    try {
      const id = await this.upload.run();
      this.part("stop").hidden = true;
      await this.awaitVerdict(id);
    } catch (failure) {
      if (failure.code === "idempotency_key_reused") this.photo.key = newKey();
      if (failure.code === "stopped") this.tell(say("js.photo_stopped"));
      else this.fail(failure);
    } finally {
      this.upload = null;
      busy(this.part("send"), false);
      this.part("work").hidden = true;
      this.part("stop").hidden = false;
      this.part("choose").hidden = false;
    }
  }

  progress(state, number) {
    const bar = this.part("bar");
    if (state === "sending") bar.value = number;
    else bar.removeAttribute("value");
    this.tell(say(`progress.${state}`, { number }));
  }

  async awaitVerdict(id) {
    this.progress("checking");
    for (let time = 1; time <= ASKING.times; time += 1) {
      const span = Math.min(ASKING.longest, ASKING.first * time);
      await new Promise((go) => setTimeout(go, span));
      const photo = await call("GET", `upload/photos/${id}`);
      if (photo.state === "waiting") continue;
      await forgetPhoto(this.kind);
      this.photo = null;
      this.part("preview").hidden = true;
      this.tell("");
      this.showVerdict(photo);
      this.part("verdict").focus();
      return;
    }
    this.tell(say("js.photo_later"));
    this.part("next").hidden = false;
  }

  showVerdict(photo) {
    const { state, reasons, details, by_person: person, may_review: may } = photo;
    const refused = state === "refused";
    const box = this.part("verdict");
    const parts = [make("h2", {}, refused && person ? say("js.review_refused") : say(`photo.${state}`))];
    if (refused) {
      for (const reason of reasons) parts.push(...explained(reason, details[reason] || {}));
      parts.push(make("p", {}, say("js.photo_again")));
      if (may) parts.push(...this.offerReview(photo));
      else if (this.looked && this.looked.photo !== photo.photo) parts.push(make("p", {}, say("js.review_other")));
    } else {
      if (person) parts.push(make("p", {}, say("js.review_accepted")));
      if (state === "in_review") parts.push(make("p", {}, say("js.review_asked", { time: moment(photo.review_asked_at) })));
      parts.push(make("p", {}, say(`photo.${state}_next`)));
    }
    const kind = { refused: "notice bad", accepted: "notice good" }[state] || "notice";
    fill(box, make("div", { class: kind }, ...parts));
    box.hidden = false;
    this.part("next").hidden = refused;
  }

  /** After two refusals: a person may look at the photo. */
  offerReview({ photo }) {
    const button = make("button", { type: "button", class: "button second", id: "ask" }, say("js.review_ask"));
    button.addEventListener("click", () => this.askReview(photo, button));
    return [make("h3", {}, say("js.review_title")), make("p", {}, say("js.review_offer")), button];
  }

  async askReview(photo, button) {
    hideSummary(this.summary);
    busy(button, true);
    try {
      this.looked = await call("POST", `upload/photos/${photo}/review`, { safe: true });
      this.showVerdict(this.looked);
      this.part("verdict").focus();
    } catch (failure) {
      busy(button, false);
      this.fail(failure);
    }
  }

  fail(failure) {
    this.tell("");
    if (failure.code === "no_session") return;
    const text = failure.code ? sentence(failure) : codeSentence("unexpected");
    showSummary(this.summary, [{ text }]);
    if (!failure.code) throw failure;
  }

  tell(text) {
    if (this.line.textContent !== text) fill(this.line, text);
  }
}

/** A reason, and what to do about it. */
function explained(reason, { side, digits }) {
  let more = side ? say("js.photo_side", { side: say(`side.${side}`) }) : "";
  if (digits === 1) more = say("js.photo_one_digit");
  const what = say(`reason.${reason}.what`) || say("reason.other.what");
  const how = say(`reason.${reason}.how`) || say("reason.other.how");
  const parts = [make("p", {}, make("strong", {}, `${what} ${more}`.trim()), " ", how)];
  if (reason === "nik_mismatch") parts.push(make("p", {}, link("data/nik/", say("js.photo_fix_nik"))));
  return parts;
}

mount("photo-form", PhotoForm);
