/* The public files of a wave: those that were given, else from this site, with progress. */

const STEP_BYTES = 262144;
// Most waves have none. Without a network it counts as absent, as in a folder without it.
const OPTIONAL = "void.note";

class NoAnswer extends Error {
  constructor() {
    super("no answer");
    this.code = "offline";
  }
}

/** A `read(name, size)` for the checks: the bytes of a file, or null when there is none. */
export function publicFiles(wave, given = {}, onProgress = () => {}) {
  return async (name, size = null) => {
    if (given[name]) return given[name];
    let answer = null;
    try {
      answer = await fetch(`/undian/${wave}/${name}`, { credentials: "omit" });
      if (answer.ok) return size === null ? new Uint8Array(await answer.arrayBuffer()) : await collect(answer.body, name, size, onProgress);
    } catch (error) {
      if (name === OPTIONAL) return null;
      throw new NoAnswer();
    }
    if (answer.status === 403 || answer.status === 404) return null;
    throw new NoAnswer();
  };
}

/** The bytes of a stream that should have `size` of them; never more than one more. */
async function collect(stream, name, size, onProgress) {
  const whole = new Uint8Array(size + 1);
  const reader = stream.getReader();
  let at = 0;
  let told = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const part = value.subarray(0, whole.length - at);
    whole.set(part, at);
    at += part.length;
    if (at - told >= STEP_BYTES || at === size) {
      onProgress(`download_${name.split(".")[0]}`, at, size);
      told = at;
    }
    if (at > size) {
      await reader.cancel();
      break;
    }
  }
  return whole.subarray(0, at);
}
