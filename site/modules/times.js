/* Times come from the server in UTC and are shown in WIB, with WITA and WIT beside it. */

import { language, say } from "./page.js";

const HOUR = 3600000;
const ZONES = { WIB: 7, WITA: 8, WIT: 9 };
let ahead = 0;

/** Remember how far the phone's clock is off. */
export function learnTime(serverTime) {
  ahead = Date.parse(serverTime) - Date.now();
}

/** The server's time now, in milliseconds. */
export function now() {
  return Date.now() + ahead;
}

/** "Senin, 5 Januari 2026, 12.00 WIB (13.00 WITA, 14.00 WIT)". */
export function moment(iso) {
  const at = Date.parse(iso);
  const others = ["WITA", "WIT"].map((zone) => {
    const later = day(at, zone) === day(at, "WIB") ? "" : `${weekday(at, zone)} `;
    return `${later}${clock(at, zone)} ${zone}`;
  });
  return `${day(at, "WIB")}, ${clock(at, "WIB")} WIB (${others.join(", ")})`;
}

/** "17 Februari 1995" of "1995-02-17". */
export function dayInWords(iso) {
  return date(new Date(iso));
}

/** The server's time of day with its seconds: "12.00.05 WIB". */
export function clockNow() {
  const separator = language === "en" ? ":" : ".";
  const seconds = String(shifted(now(), "WIB").getUTCSeconds()).padStart(2, "0");
  return `${clock(now(), "WIB")}${separator}${seconds} WIB`;
}

/** How long, in the largest two units: "2 hari 3 jam", "4 menit 10 detik". */
export function duration(milliseconds) {
  let seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [];
  const sizes = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];
  for (const [unit, size] of sizes) {
    const amount = Math.floor(seconds / size);
    seconds -= amount * size;
    if (amount || (unit === "seconds" && !parts.length)) {
      parts.push(say(`time.${amount === 1 ? "one_" : ""}${unit}`, { number: amount }));
    } else if (parts.length) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** Call `tick` with the milliseconds left, each second, until the time has come; then `over`. */
export function countdown(iso, tick, over = () => {}) {
  const end = Date.parse(iso);
  let timer = 0;
  const step = () => {
    const left = end - now();
    tick(Math.max(0, left));
    if (left <= 0) {
      clearInterval(timer);
      over();
    }
  };
  timer = setInterval(step, 1000);
  step();
  return () => clearInterval(timer);
}

function shifted(at, zone) {
  return new Date(at + ZONES[zone] * HOUR);
}

function clock(at, zone) {
  const separator = language === "en" ? ":" : ".";
  const moved = shifted(at, zone);
  const two = (number) => String(number).padStart(2, "0");
  return two(moved.getUTCHours()) + separator + two(moved.getUTCMinutes());
}

function day(at, zone) {
  return `${weekday(at, zone)}, ${date(shifted(at, zone))}`;
}

function weekday(at, zone) {
  return say("time.weekdays").split(" ")[shifted(at, zone).getUTCDay()];
}

/* The names are ours: Intl takes a cheap phone a tenth of a second to load for its first date. */
function date(at) {
  return `${at.getUTCDate()} ${say("time.months").split(" ")[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}
