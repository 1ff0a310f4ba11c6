import { sentence } from "./api.js";
import { busy } from "./form.js";
import { fill, say } from "./page.js";
import { countdown, duration } from "./times.js";

/** A button that asks for a code again, and counts down until that is possible. */
export class Resend {
  /** `ask` sends the request and gives the answer, which holds `next_at`. */
  constructor(button, line, ask) {
    this.button = button;
    this.line = line;
    this.ask = ask;
    this.waiting = false;
    this.stop = () => {};
    button.addEventListener("click", () => this.press());
  }

  async press() {
    if (this.waiting) return;
    this.hold();
    try {
      const answer = await this.ask();
      this.until(answer.next_at, say("js.resent"));
    } catch (failure) {
      const { next_at: next, seconds } = failure.params || {};
      if (next) this.until(next, sentence(failure));
      else if (seconds) this.until(new Date(Date.now() + seconds * 1000).toISOString(), sentence(failure));
      else this.free(sentence(failure));
    }
  }

  /** Wait until a time of the server; `told` stands before the counting. */
  until(iso, told = "") {
    this.stop();
    this.hold();
    const tick = (left) => fill(this.line, `${told} ${say("js.resend_wait", { left: duration(left) })}`.trim());
    this.stop = countdown(iso, tick, () => this.free(told));
  }

  hold() {
    this.waiting = true;
    busy(this.button, true);
  }

  free(told) {
    this.waiting = false;
    busy(this.button, false);
    fill(this.line, told);
  }
}
