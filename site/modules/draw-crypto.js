/* Hashes, signatures and the keystream of the draw: the browser's own where it has them,
   vendored code for Ed25519 where it has not, and for the beacon's BLS signature. */

import { bigEndian, demand, join } from "./draw-values.js";

const subtle = crypto.subtle;
const ED25519 = { name: "Ed25519" };
let hasEd25519 = null;
let vendored = null;

/** H of the protocol over the pieces. */
export async function sha256(...parts) {
  const whole = parts.length === 1 ? parts[0] : join(...parts);
  return new Uint8Array(await subtle.digest("SHA-256", whole));
}

/** HMAC-SHA-256. */
export async function hmac(key, message) {
  const kind = { name: "HMAC", hash: "SHA-256" };
  const imported = await subtle.importKey("raw", key, kind, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, message));
}

/** So many 16-byte blocks of AES-256-CTR under `seed`, from block `first` on (§8). */
export async function keystream(seed, blocks, first = 0) {
  const key = await subtle.importKey("raw", seed, "AES-CTR", false, ["encrypt"]);
  const counter = { name: "AES-CTR", counter: bigEndian(first, 16), length: 128 };
  return new Uint8Array(await subtle.encrypt(counter, key, new Uint8Array(16 * blocks)));
}

/** Whether `signature` is the Ed25519 key's over `message`. */
export async function ed25519(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  if (hasEd25519 === null) hasEd25519 = knowsEd25519();
  if (!(await hasEd25519)) {
    vendored = vendored || import("../vendor/ed25519.js");
    return (await vendored).verify(key, message, signature);
  }
  try {
    const imported = await subtle.importKey("raw", key, ED25519, false, ["verify"]);
    return await subtle.verify(ED25519, imported, signature, message);
  } catch (error) {
    return false;
  }
}

/** Browsers before 2025 lack it; they refuse to import even the base point's own key. */
async function knowsEd25519() {
  try {
    const usual = new Uint8Array(32).fill(0x66);
    usual[0] = 0x58;
    await subtle.importKey("raw", usual, ED25519, false, ["verify"]);
    return true;
  } catch (error) {
    return false;
  }
}

/** The beacon's signature over a round (§6), the one slow step. Errors: `beacon_point`, … */
export async function verifyRound(publicKey, round, signature) {
  const { verify } = await import("../vendor/bls12-381.js");
  const wrong = verify(publicKey, await sha256(bigEndian(round, 8)), signature);
  demand(!wrong, wrong);
}
