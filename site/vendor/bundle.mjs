/* Makes bls12-381.js and ed25519.js: see README.md.
   Left out of bls12-381.js is what `verify` never calls, whatever it is given, and the texts of errors, which nobody
   sees; the rest is the library's own text. What is left out throws when it is called, so a mistake could only refuse. */

import { readFile } from "node:fs/promises";
import { parse } from "acorn";
import { build } from "esbuild";

const BANNER = "/* @noble/curves 1.9.7 and @noble/hashes 1.8.0, (c) Paul Miller, MIT: see LICENSE.noble-curves. */";

/** By file: functions, methods, properties and constants, each with as much of what encloses it as tells it apart.
    What only these call is left out by esbuild. */
const LEFT_OUT = {
  // Hashes that go on from a copy.
  "hashes/esm/_md.js": "HashMD._cloneInto HashMD.clone",
  // Roots in fields of another kind; bytes of secret keys.
  "curves/esm/abstract/modular.js": `
    sqrt5mod8 sqrt9mod16 tonelliShanks f.isValidNot0 f.fromBytes f.invertBatch`,
  // Multiplication with tables and with an endomorphism.
  "curves/esm/abstract/curve.js": `
    wNAF.precomputeWindow wNAF.wNAF wNAF.wNAFUnsafe wNAF.getPrecomputes wNAF.cached mulEndoUnsafe`,
  // Other ways to hash.
  "curves/esm/abstract/hash-to-curve.js": `
    expand_message_xof _DST_scalar
    createHasher.encodeToCurve createHasher.mapToCurve createHasher.hashToScalar`,
  // Secret keys, curves with an endomorphism, other curves' encodings, maps from other fields.
  "curves/esm/abstract/weierstrass.js": `
    splitEndoScalarN finishEndo weierstrassN.pointToBytes weierstrassN.pointFromBytes
    Point.CURVE Point.x Point.y Point.px Point.py Point.pz Point.hasEvenY Point.subtract
    Point.multiply Point.multiplyAndAddUnsafe Point.isSmallOrder Point.toHex Point.toString
    Point._setWindowSize Point.normalizeZ Point.msm Point.fromPrivateKey
    SWUFpSqrtRatio.c6 SWUFpSqrtRatio.c7 SWUFpSqrtRatio.sqrtRatio
    _weierstrass_new_output_to_legacy.isWithinCurveOrder
    _weierstrass_new_output_to_legacy.weierstrassEquation
    _weierstrass_new_output_to_legacy.normPrivateKeyToScalar`,
  // Keys, signing, aggregation; the pairing by other ways than the entry's.
  "curves/esm/abstract/bls.js": `
    createBlsPairing.pairing createBlsPairing.pairingBatch
    bls.longSignatures bls.shortSignatures bls.normP1Hash bls.normP2Hash
    bls.rand bls.randomSecretKey bls.utils.randomPrivateKey
    bls.getPublicKey bls.getPublicKeyForShortSignatures bls.sign bls.signShortSignature
    bls.verify bls.verifyShortSignature bls.verifyBatch
    bls.aggregatePublicKeys bls.aggregateSignatures bls.aggregateShortSignatures`,
  // What the pairing does not ask of its fields.
  "curves/esm/abstract/tower.js": `
    psi2
    _Field2.isValidNot0 _Field2.invertBatch _Field2.isOdd _Field2.fromBytes _Field2.toBytes _Field2.cmov
    _Field6.isValidNot0 _Field6.invertBatch _Field6.isValid _Field6.is0 _Field6.fromBytes _Field6.toBytes _Field6.cmov
    _Field6.sqrt _Field6.div _Field6.fromBigSix _Field6.mulByFp2
    _Field12.isValidNot0 _Field12.invertBatch _Field12.isValid _Field12.is0 _Field12.fromBytes _Field12.toBytes
    _Field12.cmov _Field12.sqrt _Field12.neg _Field12.add _Field12.sub _Field12.fromBigTwelve _Field12.mulByFp2
    _Field12.mul034`,
  // Hashing to G2; signatures as such, which the entry reads as points.
  "curves/esm/bls12-381.js": `
    isogenyMapG2 G2_SWU mapToG2 bls12_381.G2.hEff bls12_381.G2.clearCofactor
    bls12_381.G1.ShortSignature bls12_381.G2.Signature`,
};

/** Every node of a program, with the names that lead to it. */
function* nodes(node, above = "") {
  if (Array.isArray(node)) for (const one of node) yield* nodes(one, above);
  if (!node || typeof node.type !== "string") return;
  const { name } = node.id || node.key || {};
  const path = name ? `${above}.${name}` : above;
  yield { node, path: name ? path : "" };
  for (const part of Object.values(node)) yield* nodes(part, path);
}

/** What stands for a definition that is left out, as [from, to, text]; null when the node is none. */
function nothing({ type, start, end, body, init, shorthand }, source) {
  if (type === "FunctionDeclaration") return [body.start, body.end, "{ throw new Error(); }"];
  if (type === "VariableDeclarator" && init) return [init.start, init.end, "undefined"];
  if (type === "MethodDefinition") return [start, end, ""];
  if (type === "Property" && !shorthand) return [start, source[end] === "," ? end + 1 : end, ""];
  return null;
}

/** A file's text without the named definitions and without the texts of errors. */
function shortened(source, names, file) {
  const all = [...nodes(parse(source, { ecmaVersion: 2022, sourceType: "module" }))];
  const changes = names.map((name) => {
    const found = all.filter(({ path }) => path.endsWith(`.${name}`)).map(({ node }) => nothing(node, source)).filter(Boolean);
    if (found.length !== 1) throw new Error(`${file} has ${name} ${found.length} times`);
    return found[0];
  });
  for (const { node } of all) {
    if (node.type === "NewExpression" && node.callee.name === "Error") changes.push([node.callee.end, node.end, "()"]);
  }
  let [text, at] = ["", 0];
  for (const [from, to, instead] of changes.sort((a, b) => a[0] - b[0])) {
    if (from < at) continue; // Inside of what is left out.
    text += source.slice(at, from) + instead;
    at = to;
  }
  return text + source.slice(at);
}

const unmet = new Set(Object.keys(LEFT_OUT));
const shorten = {
  name: "shorten",
  setup({ onLoad }) {
    onLoad({ filter: /@noble.*\.js$/ }, async ({ path }) => {
      const file = path.split("@noble/")[1];
      unmet.delete(file);
      const names = (LEFT_OUT[file] || "").match(/\S+/g) || [];
      return { contents: shortened(await readFile(path, "utf8"), names, file) };
    });
  },
};

for (const [name, plugins] of Object.entries({ "bls12-381": [shorten], ed25519: [] })) {
  await build({
    entryPoints: [`${name}.entry.js`],
    outfile: `${name}.js`,
    bundle: true,
    format: "esm",
    target: "es2020",
    minify: true,
    legalComments: "none",
    banner: { js: BANNER },
    plugins,
  });
}
if (unmet.size) throw new Error(`not bundled: ${[...unmet]}`);
