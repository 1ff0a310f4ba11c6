/* The public files of a wave: those that were given, else from this site. */

// Most waves have none. Without a network it counts as absent, as in a folder without it.
const OPTIONAL = "void.note";

class NoAnswer extends Error {
  constructor() {
    super("no answer");
    this.code = "offline";
  }
}

/** A `read(name, size)` for the checks: the bytes of a file, or null when there is none.
    Those with a size, the long lists, are taken by `collect(stream, name, size)`. */
export function publicFiles(wave, given = {}, collect = null) {
  return async (name, size = null) => {
    if (given[name]) return given[name];
    let answer = null;
    try {
      answer = await fetch(`/undian/${wave}/${name}`, { credentials: "omit" });
      if (answer.ok) return size === null ? new Uint8Array(await answer.arrayBuffer()) : await collect(answer.body, name, size);
    } catch (error) {
      if (name === OPTIONAL) return null;
      throw new NoAnswer();
    }
    if (answer.status === 403 || answer.status === 404) return null;
    throw new NoAnswer();
  };
}
