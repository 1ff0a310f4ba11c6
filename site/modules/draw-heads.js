/* What a roster's head says of its witnesses, read but not verified. */

const TIMED_BYTES = 76; // key id 4, time 8, signature 64

/** Name and ISO time of each line that carries a witness's time; a plain signature has none. */
export function signedTimes(note) {
  const lines = note.slice(note.lastIndexOf("\n\n") + 2).split("\n");
  return lines.map(signedTime).filter(Boolean);
}

function signedTime(line) {
  const [, name, encoded] = line.split(" ");
  try {
    const data = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    if (data.length !== TIMED_BYTES) return null;
    const seconds = new DataView(data.buffer).getBigUint64(4);
    return { name, at: new Date(Number(seconds) * 1000).toISOString() };
  } catch (error) {
    return null;
  }
}
