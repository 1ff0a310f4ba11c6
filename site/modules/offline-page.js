import { Draft } from "./drafts.js";
import { home, make, mount, say } from "./page.js";
import { keptKinds } from "./photo-store.js";

const LASTING = ["profile", "declaration"];
const OF_THIS_TAB = ["register", "phone-typed", "identity"];
// A connection that comes and goes within this time (ms) is none.
const STEADY = 500;

/** What is said in place of a page that could not be loaded: what is kept, and how to go on. */
export class OfflinePage {
  constructor(element) {
    this.list = element.querySelector("ul");
    element.querySelector("button").addEventListener("click", () => again());
    window.addEventListener("online", () => setTimeout(() => navigator.onLine && again(), STEADY));
    this.show();
  }

  async show() {
    const names = LASTING.filter((name) => new Draft(name).read());
    names.push(...OF_THIS_TAB.filter((name) => new Draft(name, { closed: true }).read()));
    names.push(...(await keptKinds()));
    for (const name of names) this.list.append(make("li", {}, say(`kept.${name}`)));
    this.list.hidden = !names.length;
    this.list.nextElementSibling.hidden = Boolean(names.length);
    this.list.nextElementSibling.removeAttribute("aria-busy");
  }
}

/** The page that was wanted has this address; asked for by its own, this one leads to the start. */
function again() {
  if (location.pathname === `${home}luring/`) location.assign(home);
  else location.reload();
}

mount("offline-page", OfflinePage);
