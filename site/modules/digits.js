/* What people type as digits: long numbers, phone numbers, dates. */

/** Only the digits of what was typed. */
export function digits(text) {
  return text.replace(/\D/g, "");
}

/** "3173011501909001" as "3173 0115 0190 9001"; other characters stay as they are. */
export function inFours(text) {
  return text.replace(/\s/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}

/** A number as people of Indonesia write it, in the form +62…; null when it cannot be one. */
export function phoneNumber(text) {
  const bare = text.replace(/[\s().-]/g, "");
  const match = /^(?:\+?62|0)(8\d{7,11})$/.exec(bare);
  return match ? `+62${match[1]}` : null;
}

/** "1995-02-17" from three fields, or null when there is no such day. */
export function birthDate({ day, month, year }) {
  const [d, m, y] = [day, month, year].map(Number);
  const date = new Date(Date.UTC(y, m - 1, d));
  const exists = y > 1900 && date.getUTCDate() === d && date.getUTCMonth() === m - 1;
  return exists && date.getTime() < Date.now() ? date.toISOString().slice(0, 10) : null;
}
