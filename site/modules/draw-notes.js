/* Verifier keys and signed notes (§0, §5): who signed a text, and when witnesses saw it. */

import { ed25519, sha256 } from "./draw-crypto.js";
import { Refused, ascii, bytes, demand, fromBase64, fromHex, join, same, toHex } from "./draw-values.js";

export const SIGNER = 0x01;
export const WITNESS = 0x04;
const NAME = /^[!-*,-~]+$/;
const DASH = [0xe2, 0x80, 0x94, 0x20];
const NEWLINE = 10;

/** The key of `name+keyid+base64(type || key)`. */
export async function parseKey(text, kind) {
  const [name, given = "", ...rest] = text.split("+");
  demand(NAME.test(name), "key_malformed");
  let data = null;
  let id = null;
  try {
    data = fromBase64(rest.join("+"));
    id = fromHex(given, 4);
  } catch (error) {
    throw new Refused("key_malformed");
  }
  const expected = (await sha256(bytes(`${name}\n`), data)).slice(0, 4);
  demand(data.length === 33 && data[0] === kind && same(id, expected), "key_malformed");
  return { name, kind, key: data.slice(1), label: `${name} ${toHex(id)}` };
}

/** The text of a note that the operator signed, and its pinned witnesses: [{name, at}]. */
export async function openNote(data, pins) {
  const { text, lines } = parseNote(data);
  const keys = new Map([pins.operator, pins.receipts, ...pins.witnesses].map((key) => [key.label, key]));
  const met = new Set();
  const witnesses = [];
  for (const line of lines) {
    const key = keys.get(line.label);
    if (!key) continue;
    demand(!met.has(line.label), "note_signature_twice", { name: key.name });
    met.add(line.label);
    let [message, signature] = [text, line.signature];
    if (key.kind === WITNESS) {
      const at = BigInt(`0x${toHex(signature.slice(0, 8)) || "0"}`);
      message = join(bytes(`cosignature/v1\ntime ${at}\n`), text);
      signature = signature.slice(8);
      witnesses.push({ name: key.name, at });
    }
    demand(await ed25519(key.key, message, signature), "note_signature", { name: key.name });
  }
  demand(met.has(pins.operator.label), "operator_signature_missing");
  return { text, witnesses };
}

/** The lines of a head's text. */
export function headLines(text, kind, count) {
  const lines = ascii(text, "head_malformed").split("\n");
  demand(lines.length === count + 1 && lines[0] === kind && lines[count] === "", "head_malformed");
  return lines.slice(0, count);
}

function parseNote(data) {
  let end = data.length - 2;
  while (end >= 0 && !(data[end] === NEWLINE && data[end + 1] === NEWLINE)) end -= 1;
  demand(end >= 1 && data[data.length - 1] === NEWLINE, "note_malformed");
  const lines = [];
  let from = end + 2;
  for (let at = from; at < data.length; at += 1) {
    if (data[at] !== NEWLINE) continue;
    lines.push(parseLine(data.slice(from, at)));
    from = at + 1;
  }
  demand(lines.length >= 1 && lines.length <= 16, "note_malformed");
  return { text: data.slice(0, end + 1), lines };
}

/** `— name base64(keyid || signature)`, without its newline. */
function parseLine(line) {
  demand(DASH.every((byte, index) => line[index] === byte), "note_malformed");
  const parts = ascii(line.slice(4), "note_malformed").split(" ");
  demand(parts.length === 2 && NAME.test(parts[0]), "note_malformed");
  let signed = null;
  try {
    signed = fromBase64(parts[1]);
  } catch (error) {
    throw new Refused("note_malformed");
  }
  demand(signed.length >= 5, "note_malformed");
  return { label: `${parts[0]} ${toHex(signed.slice(0, 4))}`, signature: signed.slice(4) };
}
