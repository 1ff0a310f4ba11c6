/* What is bundled into bls12-381.js: the one check the draw needs, over @noble/curves.
   The library's parsers reduce a coordinate instead of refusing one that is too large, and pass
   infinity; so a point is encoded again and compared, as the protocol asks (§6). */

import { bls12_381 } from "@noble/curves/bls12-381";

// What ed25519.js takes from here instead of having it twice.
export { _createCurveFields, wNAF } from "@noble/curves/abstract/curve";
export { Field, mod } from "@noble/curves/abstract/modular";
export {
  _abool2,
  _abytes2,
  _validateObject,
  bytesToNumberLE,
  concatBytes,
  ensureBytes,
  memoized,
} from "@noble/curves/utils";

const { G1, G2, fields, millerLoopBatch, utils } = bls12_381;
const DOMAIN = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

function point(Group, bytes, size) {
  try {
    if (bytes.length !== size) return null;
    const found = Group.ProjectivePoint.fromHex(bytes);
    found.assertValidity();
    const again = found.toRawBytes(true);
    const same = again.length === size && again.every((byte, index) => byte === bytes[index]);
    return same && !found.equals(Group.ProjectivePoint.ZERO) ? found : null;
  } catch (error) {
    return null;
  }
}

function loop(onG1, onG2) {
  const { x, y } = onG1.toAffine();
  return [utils.calcPairingPrecomputes(onG2), x, y];
}

/** Whether `signature` (48 bytes) is `key`'s (96 bytes) over `message`: null, or the code of what does not hold. */
export function verify(key, message, signature) {
  const signed = point(G1, signature, 48);
  if (!signed) return "beacon_point";
  const owner = point(G2, key, 96);
  if (!owner) return "beacon_key";
  const hashed = G1.ProjectivePoint.fromAffine(G1.hashToCurve(message, { DST: DOMAIN }).toAffine());
  const product = millerLoopBatch([
    loop(signed, G2.ProjectivePoint.BASE.negate()),
    loop(hashed, owner),
  ]);
  const one = fields.Fp12.eql(fields.Fp12.finalExponentiate(product), fields.Fp12.ONE);
  return one ? null : "beacon_signature";
}
