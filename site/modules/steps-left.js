/* Which steps are still to do, as the last answer had it. A page whose step is open has nothing to show of it, so
   it need not ask first. Kept in this tab: names of steps, nothing of the person. */

import { Draft } from "./drafts.js";

/** A session ends after 30 idle minutes; who comes later had better be told so before they type. */
const FRESH = 20 * 60000;

/** Whether all of these steps were open a short while ago; false also means that it is not known. */
export function areOpen(...steps) {
  const { missing = [], at = 0 } = new Draft("steps", { closed: true }).read() || {};
  return Date.now() - at < FRESH && steps.every((step) => missing.includes(step));
}
