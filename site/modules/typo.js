/* Common slips in the part of an e-mail address after the @. */

const KNOWN = ["gmail.com", "yahoo.com", "yahoo.co.id", "hotmail.com", "outlook.com", "icloud.com", "ymail.com", "rocketmail.com"];

/** Real providers that look like slips of the others. */
const REAL = ["mail.com", "email.com", "yahoo.co.in", "yahoo.co.uk", "yahoo.co.jp"];

/** What the reader probably meant, or null. "sari@gmial.com" gives "sari@gmail.com". */
export function suggestion(address) {
  const at = address.lastIndexOf("@");
  if (at < 1) return null;
  const domain = address.slice(at + 1).trim().toLowerCase();
  if (!domain || KNOWN.concat(REAL).includes(domain)) return null;
  const near = KNOWN.find((known) => distance(domain, known) <= (known.length > 9 ? 2 : 1));
  return near ? `${address.slice(0, at)}@${near}` : null;
}

/** Edits between two words; two neighbours that changed places count once. */
function distance(a, b) {
  const rows = [];
  for (let i = 0; i <= a.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j += 1) {
      if (i === 0) {
        rows[0][j] = j;
        continue;
      }
      const change = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}
