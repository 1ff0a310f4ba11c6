/* What is bundled into ed25519.js, for browsers whose WebCrypto has no Ed25519. */

import { ed25519 } from "@noble/curves/ed25519";

/** Whether `signature` (64 bytes) is `key`'s (32 bytes) over `message`, by RFC 8032's strict rules. */
export function verify(key, message, signature) {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch (error) {
    return false;
  }
}
