/* What was typed and not sent yet. It stays on this phone, for one day, and for one applicant. */

const PREFIX = "gelombang.";
const LIFE = 24 * 3600000;

/** One draft. `closed` ones (NIK, KK) live only as long as the tab. */
export class Draft {
  constructor(name, { closed = false } = {}) {
    this.key = `${PREFIX}draft.${name}`;
    this.storage = storage(closed ? "sessionStorage" : "localStorage");
  }

  read() {
    if (!this.storage) return null;
    try {
      const { at, values } = JSON.parse(this.storage.getItem(this.key));
      if (Date.now() - at < LIFE) return values;
    } catch (error) {
      return null;
    }
    this.clear();
    return null;
  }

  write(values) {
    if (!this.storage) return;
    try {
      this.storage.setItem(this.key, JSON.stringify({ at: Date.now(), values }));
    } catch (error) {
      /* A full storage costs the draft, not the form. */
    }
  }

  clear() {
    if (this.storage) this.storage.removeItem(this.key);
  }
}

/** Drafts belong to one applicant: those of another are removed when someone logs in. */
export function startFor(applicant) {
  const owner = new Draft("owner");
  if (owner.read() !== applicant) forgetDrafts();
  owner.write(applicant);
}

/** Remove everything this site keeps in the two storages. */
export function forgetDrafts() {
  for (const kind of ["localStorage", "sessionStorage"]) {
    const kept = storage(kind);
    if (!kept) continue;
    for (const key of Object.keys(kept)) if (key.startsWith(`${PREFIX}draft.`)) kept.removeItem(key);
  }
}

function storage(kind) {
  try {
    return window[kind];
  } catch (error) {
    return null;
  }
}
