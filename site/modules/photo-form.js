import { call, me, newKey, sentence, codeSentence } from "./api.js";
import { Draft } from "./drafts.js";
import { busy } from "./form.js";
import { hideSummary, showSummary } from "./summary.js";
import { fill, make, mount, say, showAndFocus } from "./page.js";
import { Choice } from "./photo-choice.js";
import { isPassing } from "./photo-patience.js";
import { forgetPhoto, keepPhoto, keptPhoto } from "./photo-store.js";
import { Upload } from "./photo-upload.js";
import { doubtsNotice, verdictNotice } from "./photo-verdict.js";
import { Watch } from "./photo-watch.js";
import { learnTime } from "./times.js";

/** One photo, from the camera to the verdict. */
export class PhotoForm {
  constructor(element) {
    this.kind = element.dataset.kind;
    this.part = (id) => element.querySelector(`#${id}`);
    this.summary = element.querySelector(".summary");
    this.image = element.querySelector("img");
    // Known from the log-in; who logs in as another is noted anew.
    this.applicant = new Draft("owner").read();
    this.photo = null;
    this.work = null;
    this.looked = null;
    this.reopen = null;
    this.choice = new Choice(this);
    this.part("send").addEventListener("click", () => this.send());
    this.part("again").addEventListener("click", () => this.reopen && this.reopen());
    this.part("stop").addEventListener("click", () => this.work && this.work.stop());
    this.part("resend").addEventListener("click", () => this.resend());
    this.start();
  }

  /** What is known already: a photo kept on this phone, one under way, or a verdict. */
  async start() {
    let photos = [];
    try {
      if (!this.applicant) this.applicant = (await me()).applicant;
      const answer = await call("GET", "upload/photos");
      learnTime(answer.server_time);
      photos = answer.photos.filter(({ kind }) => kind === this.kind);
    } catch (failure) {
      this.fail(failure);
      if (!isPassing(failure)) return;
    }
    if (this.choice.making) return;
    if (this.photo) {
      await this.keep({ applicant: this.applicant });
      return;
    }
    this.looked = photos.find(({ state }) => state === "in_review") || null;
    const kept = this.applicant && (await keptPhoto(this.kind, this.applicant));
    const decided = photos.filter(({ state }) => state !== "waiting");
    const mine = kept && decided.find(({ photo }) => photo === kept.photo);
    if (mine) await forgetPhoto(this.kind);
    if (mine) this.showVerdict(mine);
    else if (kept) this.resume(kept);
    else if (decided.length) this.showVerdict(decided[0]);
    await this.choice.explainClosing(Boolean(kept));
  }

  /** Go on where the page was when it was closed. */
  resume(kept) {
    this.photo = kept;
    this.offer(say(`kept.${kept.stage}`));
    if (kept.stage === "sent") this.follow(() => this.awaitVerdict());
    else if (kept.stage === "sending") this.send();
  }

  /** A file is being made to fit. */
  begin() {
    hideSummary(this.summary);
    for (const id of ["verdict", "next", "preview"]) this.part(id).hidden = true;
    this.preferTaking(true);
    this.tell(say("js.photo_shrinking"));
  }

  async chosen({ blob, doubts }, reopen) {
    this.reopen = reopen;
    this.photo = { kind: this.kind, applicant: this.applicant, blob, doubts, key: newKey(), stage: "chosen", at: Date.now() };
    await this.keep({});
    this.offer("");
    this.tell("");
    showAndFocus(this.part("preview"));
  }

  /** Show the photo, with what the phone doubts about it, and wait for the word to send it. */
  offer(told) {
    const { blob, doubts = [] } = this.photo;
    if (this.image.src) URL.revokeObjectURL(this.image.src);
    this.image.src = URL.createObjectURL(blob);
    fill(this.part("doubts"), ...(doubts.length ? doubtsNotice(doubts) : []));
    this.part("doubts").hidden = !doubts.length;
    this.part("look").hidden = doubts.length > 0;
    this.part("again").hidden = !doubts.length || !this.reopen;
    fill(this.part("send"), doubts.length ? say("js.photo_send_anyway") : say("js.photo_send"));
    this.part("send").classList.toggle("second", doubts.length > 0 && Boolean(this.reopen));
    fill(this.part("restored"), told);
    this.part("restored").hidden = !told;
    this.part("preview").hidden = false;
    this.preferTaking(false);
  }

  /** Whether taking a photo is the main thing to do now. */
  preferTaking(main) {
    this.part("take").parentNode.classList.toggle("second", !main);
  }

  async send() {
    if (!this.photo || this.work) return;
    await this.follow(async () => {
      await this.keep({ stage: "sending" });
      this.work = new Upload(this.photo, (state, number) => this.progress(state, number), (photo) => this.keep({ photo }));
      const photo = await this.work.run();
      await this.keep({ stage: "sent", photo });
      await this.awaitVerdict();
    });
  }

  /** The same photo once more, in case the message that it had come was lost. */
  resend() {
    if (this.work) this.work.stop();
    this.part("resend").hidden = true;
    this.again = true;
  }

  /** Do what takes long, with everything else out of the way. */
  async follow(act) {
    hideSummary(this.summary);
    this.again = false;
    this.under(true);
    try {
      await act();
    } catch (failure) {
      if (failure.code === "idempotency_key_reused") await this.keep({ key: newKey(), photo: null });
      if (failure.code !== "no_session") await this.keep({ stage: "chosen" });
      if (failure.code === "stopped") this.tell(say("js.photo_stopped"));
      else this.fail(failure);
    } finally {
      this.work = null;
      this.under(false);
    }
    if (this.again) await this.send();
  }

  async keep(changes) {
    if (!this.photo) return;
    Object.assign(this.photo, changes);
    if (this.applicant) await keepPhoto(this.photo);
  }

  /** Whether something is under way: then there is nothing to choose. */
  under(way) {
    busy(this.part("send"), way);
    this.part("actions").hidden = way;
    this.part("choose").hidden = way;
    this.part("work").hidden = !way;
    this.part("stop").hidden = !way;
    if (way) return;
    this.part("late").hidden = true;
    this.part("restored").hidden = true;
  }

  progress(state, number) {
    const bar = this.part("bar");
    if (state === "sending") bar.value = number;
    else bar.removeAttribute("value");
    this.tell(say(`progress.${state}`, { number }));
  }

  async awaitVerdict() {
    this.part("stop").hidden = true;
    this.progress("checking");
    this.work = new Watch(this.photo.photo, (state) => {
      this.progress(state);
      if (state !== "checking") this.part("late").hidden = false;
      this.part("resend").hidden = state !== "very_late";
    });
    const photo = await this.work.run();
    if (!photo) return;
    await forgetPhoto(this.kind);
    this.photo = null;
    this.part("preview").hidden = true;
    this.tell("");
    this.showVerdict(photo);
    this.part("verdict").focus();
  }

  showVerdict(photo) {
    const refused = photo.state === "refused";
    this.preferTaking(refused);
    const elsewhere = !photo.may_review && this.looked && this.looked.photo !== photo.photo;
    const more = refused && photo.may_review ? this.offerReview(photo) : [];
    fill(this.part("verdict"), verdictNotice(photo, { elsewhere, more }));
    this.part("verdict").hidden = false;
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
    if (this.part("line").textContent !== text) fill(this.part("line"), text);
  }
}

mount("photo-form", PhotoForm);
