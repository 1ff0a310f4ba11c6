/* The draw's notation: bytes, canonical JSON, hex, base64, decimals and times, each in the one
   accepted spelling. Written beside docs/draw-protocol.md; codes as in docs/draw.md. */

/** Something does not hold: a stable code, where, and (set by `step`) the step that failed. */
export class Refused extends Error {
  constructor(code, where = {}) {
    super([code, ...Object.entries(where).map(([name, value]) => `${name}=${value}`)].join(" "));
    this.code = code;
    this.step = "";
  }
}

/** Refuse unless it holds. */
export function demand(holds, code, where) {
  if (!holds) throw new Refused(code, where);
}

export const HIGHEST_U32 = 4294967295;
const letters = new TextEncoder();

/** The bytes of an ASCII text. */
export function bytes(text) {
  return letters.encode(text);
}

/** Several pieces of bytes as one. */
export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two pieces of bytes are the same. */
export function same(a, b) {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The text of ASCII bytes. Error: `code` if there is any other byte. */
export function ascii(data, code) {
  demand(data.every((byte) => byte < 128), code);
  return new TextDecoder().decode(data);
}

/** Lower-case hex of bytes. */
export function toHex(data) {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of lower-case hex, of a fixed size if one is given. */
export function fromHex(text, size = null) {
  demand(/^(?:[0-9a-f]{2})*$/.test(text), "hex_malformed");
  demand(size === null || text.length === 2 * size, "hex_malformed");
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

/** The bytes of padded base64 that would be written in the same way again. */
export function fromBase64(text) {
  let letter = "";
  try {
    letter = atob(text);
  } catch (error) {
    throw new Refused("base64_malformed");
  }
  demand(btoa(letter) === text, "base64_malformed");
  return Uint8Array.from(letter, (one) => one.charCodeAt(0));
}

/** A number 0…highest (BigInt) without leading zeros. */
export function fromDecimal(text, highest) {
  demand(/^(?:0|[1-9][0-9]{0,19})$/.test(text), "decimal_malformed");
  demand(BigInt(text) <= BigInt(highest), "decimal_malformed");
  return BigInt(text);
}

/** Seconds since 1970 (BigInt) of exactly YYYY-MM-DDTHH:MM:SSZ, years from 1000. */
export function fromTime(text) {
  demand(/^[1-9][0-9]{3}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z$/.test(text), "time_malformed");
  const at = Date.parse(text);
  const again = Number.isNaN(at) ? "" : new Date(at).toISOString().replace(".000Z", "Z");
  demand(again === text, "time_malformed");
  return BigInt(at / 1000);
}

/** An unsigned number as so many big-endian bytes. */
export function bigEndian(number, size) {
  return fromHex(BigInt(number).toString(16).padStart(2 * size, "0"), size);
}

/** The value of a canonical JSON file: writing it again must give the same bytes. */
export function fromJson(data) {
  const text = ascii(data, "json_not_canonical");
  let [deep, deepest] = [0, 0];
  for (const part of text.match(/"(?:[^"\\]|\\.)*"|[\][{}]/g) || []) {
    deep += Number(part === "[" || part === "{") - Number(part === "]" || part === "}");
    deepest = Math.max(deep, deepest);
  }
  demand(deepest <= 16, "json_not_canonical");
  let value = null;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refused("json_not_canonical");
  }
  demand(canonical(value) === text, "json_not_canonical");
  return value;
}

/** The canonical text of a value, or a refusal if it has none. */
export function canonical(value) {
  if (typeof value === "string") {
    demand(/^[ -~]*$/.test(value), "json_not_canonical");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    demand(Number.isSafeInteger(value) && value >= 0, "json_not_canonical");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  demand(value !== null && typeof value === "object", "json_not_canonical");
  const pairs = Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`);
  return `{${pairs.join(",")}}`;
}

/** An object with exactly the named keys, read with its types and bounds. */
export class Fields {
  constructor(value, names) {
    const object = value !== null && typeof value === "object" && !Array.isArray(value);
    const given = object ? Object.keys(value).sort().join() : "";
    demand(object && given === names.slice().sort().join(), "json_fields", { expected: names.join() });
    this.value = value;
  }

  number(name, low = 0, high = Number.MAX_SAFE_INTEGER) {
    const value = this.value[name];
    demand(Number.isSafeInteger(value) && value >= low && value <= high, "json_value", { field: name });
    return value;
  }

  text(name) {
    demand(typeof this.value[name] === "string", "json_value", { field: name });
    return this.value[name];
  }

  list(name, type = null) {
    const value = this.value[name];
    const holds = Array.isArray(value) && (!type || value.every((member) => typeof member === type));
    demand(holds, "json_value", { field: name });
    return value;
  }
}

/** Do a step of the check: name it in what it refuses, and tell when it holds. */
export async function step(name, onStep, work) {
  try {
    const found = await work();
    onStep(name);
    return found;
  } catch (error) {
    if (error instanceof Refused) error.step = name;
    throw error;
  }
}
