/* Speaking with the server: JSON, stable error codes, patience when it is busy. */

import { Draft } from "./drafts.js";
import { home, knows, say } from "./page.js";
import { duration, learnTime, moment } from "./times.js";

/** How long to wait and how often to try; milliseconds, `pause` in seconds. */
export const PATIENCE = { tries: 4, first: 500, longest: 8000, answer: 20000, pause: 60 };
const RETURN = "gelombang.return";

/** An answer other than success; `code` is the server's, or `offline` or `no_answer`. */
export class Failure extends Error {
  constructor(code, params = {}, status = 0) {
    super(code);
    this.code = code;
    this.params = params;
    this.status = status;
  }
}

/** Ask the server. Gives the JSON answer (null when there is none); throws Failure.

    Reading, and whatever carries a key or is `safe` to repeat, is tried again when the answer is
    lost; 503 says that nothing was changed, so that is tried again always. */
export async function call(method, path, { body, key, safe = method === "GET" || method === "PUT", stay = false } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(method, path, body, key);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (failure.code === "no_session" && !stay) toLogin();
      const lost = failure.code === "no_answer" || failure.status >= 502;
      // The gateway before the functions turns away with 429 and no code of ours.
      const turnedAway = failure.status === 429 && failure.code === "unexpected";
      // Who is paused for longer is told at once when to come back.
      const paused = failure.status === 503 && failure.params.seconds > PATIENCE.pause;
      const again = failure.status === 503 || turnedAway || (lost && (safe || Boolean(key)));
      if (paused || !again || attempt >= PATIENCE.tries) throw failure;
      await pause(attempt, failure.params.seconds);
    }
  }
}

/** Wait before the next try: a random part of a doubling span, after what the server asks for. */
export function pause(attempt, seconds = 0) {
  const span = Math.min(PATIENCE.longest, PATIENCE.first * 2 ** (attempt - 1));
  return new Promise((go) => setTimeout(go, (seconds || 0) * 1000 + Math.random() * span));
}

/** Keep in this tab which steps an answer says are still to do (steps-left.js). */
export function learnSteps({ missing }) {
  new Draft("steps", { closed: true }).write({ missing, at: Date.now() });
}

/** The signed-in applicant. Without a session the reader is sent to the log-in page. */
export async function me() {
  const answer = await call("GET", "verify/me");
  learnTime(answer.server_time);
  learnSteps(answer);
  return answer;
}

/** {person, waves, entries}: the signed-in applicant, all waves, and those they joined. */
export async function standing() {
  const [person, { waves, entries }] = await Promise.all([me(), call("GET", "select/entries")]);
  return { person, waves, entries };
}

/** To the log-in page, and back here afterwards. */
export function toLogin() {
  try {
    sessionStorage.setItem(RETURN, location.pathname);
  } catch (error) {
    /* Without storage the way back is lost, nothing else. */
  }
  location.assign(`${home}masuk/`);
}

/** The page that sent the reader to log in, if it is one of ours. */
export function wayBack({ forget = false } = {}) {
  let path = null;
  try {
    path = sessionStorage.getItem(RETURN);
    if (forget) sessionStorage.removeItem(RETURN);
  } catch (error) {
    return null;
  }
  return path && /^\/(?:[a-z0-9]+\/)*$/.test(path) ? path : null;
}

/** The sentence for a failure. */
export function sentence(failure) {
  return codeSentence(failure.code || "unexpected", failure.params);
}

/** The sentence for a code, for one field when there is one of its own. */
export function codeSentence(code, params = {}, field = "") {
  const shown = readable(params);
  if (field && knows(`error.${field}.${code}`)) return say(`error.${field}.${code}`, shown);
  if (knows(`error.${code}`)) return say(`error.${code}`, shown);
  return say("error.unexpected");
}

/** A key for a request that creates something: a random UUID (version 4). */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function once(method, path, body, key) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const stopper = new AbortController();
  const timer = setTimeout(() => stopper.abort(), PATIENCE.answer);
  let response;
  let answer = null;
  try {
    response = await fetch(`/api/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      signal: stopper.signal,
    });
    if (response.status !== 204) answer = await response.json();
  } catch (error) {
    if (response && response.status >= 400) throw new Failure("no_answer", {}, response.status);
    throw new Failure(navigator.onLine === false ? "offline" : "no_answer");
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return answer;
  const told = (answer && answer.error) || {};
  const params = told.params || {};
  const wait = Number(response.headers.get("Retry-After"));
  if (wait && !params.seconds) params.seconds = wait;
  throw new Failure(told.code || "unexpected", params, response.status);
}

function readable(params) {
  const shown = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === "seconds") shown[name] = duration(value * 1000);
    else if (/_at$/.test(name) && typeof value === "string") shown[name] = moment(value);
    else shown[name] = String(value);
  }
  return shown;
}
