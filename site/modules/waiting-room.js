import { fill, home, mount, say } from "./page.js";
import { countdown, duration, learnTime, moment } from "./times.js";

/** The return time that was drawn at the door, in seconds; 0 when there is none. */
const told = () => Number((/(?:^|; )kembali=(\d{1,12})(?:;|$)/.exec(document.cookie) || [])[1] || 0);

/** Shows the time to come back, and goes back by itself when it has come. */
export class WaitingRoom {
  constructor(element) {
    this.time = element.querySelector("#time");
    this.left = element.querySelector("#left");
    this.go = element.querySelector("#go");
    // The registration was wanted; else the start page.
    if (location.hash === "#daftar") this.go.href = `${home}daftar/`;
    if (told()) this.wait();
  }

  async wait() {
    this.go.hidden = true;
    try {
      // The phone's clock may be hours off; the door's is not.
      const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
      const date = answer.headers.get("Date");
      if (date) learnTime(date);
    } catch (error) {
      /* Without a network the phone's own clock has to do. */
    }
    const at = new Date(told() * 1000).toISOString();
    fill(this.time, say("js.return_at", { time: moment(at) }));
    countdown(at, (left) => fill(this.left, say("js.return_in", { time: duration(left) })), () => this.enter());
  }

  enter() {
    fill(this.time, say("js.return_now"));
    fill(this.left);
    this.go.hidden = false;
    location.replace(this.go.href);
  }
}

mount("waiting-room", WaitingRoom);
