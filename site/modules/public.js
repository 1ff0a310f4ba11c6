/* Reading what is public, without a session: the site's own files and the list of waves. */

import { say } from "./page.js";
import { learnTime } from "./times.js";

const TRIES = 4;
const FIRST = 500;

/** What could not be read; `code` is `offline`, `no_answer` or `unexpected`. */
export class Unread extends Error {
  constructor(code) {
    super(code);
    this.code = code;
    this.params = {};
  }
}

/** A public JSON answer; `cache` as for fetch. Tried again when it is lost. Throws Unread. */
export async function read(path, cache = "default") {
  for (let attempt = 1; ; attempt += 1) {
    let code = "no_answer";
    try {
      const response = await fetch(path, { cache });
      if (response.ok) {
        learnFrom(response.headers);
        return await response.json();
      }
      if (response.status < 502) code = "unexpected";
    } catch (error) {
      if (navigator.onLine === false) code = "offline";
    }
    if (code !== "no_answer" || attempt >= TRIES) throw new Unread(code);
    await new Promise((go) => setTimeout(go, Math.random() * FIRST * 2 ** (attempt - 1)));
  }
}

/** What stands in a cache is older than its Date by its Age. */
function learnFrom(headers) {
  const at = Date.parse(headers.get("Date"));
  if (at) learnTime(new Date(at + (Number(headers.get("Age")) || 0) * 1000).toISOString());
}

/** All waves, newest first, and the server's time. Throws Unread. */
export function readWaves() {
  return read("/api/select/waves", "no-store");
}

/** The sentence for what could not be read. */
export function unread({ code }) {
  if (code === "offline") return say("error.offline");
  if (code === "no_answer") return say("error.no_answer");
  return say("error.unexpected");
}
