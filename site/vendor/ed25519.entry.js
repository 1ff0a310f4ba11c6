/* What is bundled into ed25519.js, for browsers whose WebCrypto has no Ed25519. SHA-512 all of them have. */

import { eddsa } from "@noble/curves/abstract/edwards";
import { ed25519 } from "@noble/curves/ed25519";
import { concatBytes } from "@noble/curves/utils";

/** Whether `signature` (64 bytes) is `key`'s (32 bytes) over `message`, by RFC 8032's strict rules. */
export async function verify(key, message, signature) {
  try {
    // The library writes both points again to hash them: by the strict rules that gives these very bytes.
    const hashed = concatBytes(signature.subarray(0, 32), key, message);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", hashed));
    return eddsa(ed25519.Point, () => digest).verify(signature, message, key, { zip215: false });
  } catch (error) {
    return false;
  }
}
