/* Makes bls12-381.js and ed25519.js: see README.md.
   Left out is what `verify` never calls, whatever it is given, and the texts of errors, which nobody sees; the rest is
   the library's own text. What is left out throws when it is called, so a mistake could only refuse.
   ed25519.js takes from bls12-381.js what that has of the library already: a check that loads one needs the other. */

import { readFile, writeFile } from "node:fs/promises";
import { parse } from "acorn";
import { build } from "esbuild";
import { minify } from "terser";

const BANNER = "/* @noble/curves 1.9.7 and @noble/hashes 1.8.0, (c) Paul Miller, MIT: see LICENSE.noble-curves. */";

/** By file: functions, methods, properties and constants, each with as much of what encloses it as tells it apart.
    `a=` is a statement that sets a, `a()` one that calls it. What only these call is left out by esbuild. */
const LEFT_OUT = {
  // Hashes that go on from a copy.
  "hashes/esm/_md.js": "HashMD._cloneInto HashMD.clone",
  // For Ed25519 the browser's own is asked.
  "hashes/esm/sha2.js": "sha512",
  // Roots in fields of another kind; bytes of secret keys.
  "curves/esm/abstract/modular.js": `
    sqrt5mod8 sqrt9mod16 tonelliShanks f.isValidNot0 f.fromBytes f.invertBatch`,
  // Multiplication with tables and with an endomorphism.
  "curves/esm/abstract/curve.js": `
    wNAF.precomputeWindow wNAF.wNAF wNAF.wNAFUnsafe wNAF.getPrecomputes wNAF.cached wNAF.createCache
    normalizeZ mulEndoUnsafe`,
  // Other ways to hash.
  "curves/esm/abstract/hash-to-curve.js": `
    expand_message_xof _DST_scalar
    createHasher.encodeToCurve createHasher.mapToCurve createHasher.hashToScalar`,
  // Secret keys, curves with an endomorphism, other curves' encodings, maps from other fields.
  "curves/esm/abstract/weierstrass.js": `
    splitEndoScalarN finishEndo weierstrassN.pointToBytes weierstrassN.pointFromBytes
    Point.CURVE Point.x Point.y Point.px Point.py Point.pz Point.hasEvenY Point.subtract
    Point.BASE.precompute() Point.precompute
    Point.multiply Point.multiplyAndAddUnsafe Point.isSmallOrder Point.toHex Point.toString
    Point._setWindowSize Point.normalizeZ Point.msm Point.fromPrivateKey
    SWUFpSqrtRatio.c6 SWUFpSqrtRatio.c7 SWUFpSqrtRatio.sqrtRatio
    _weierstrass_new_output_to_legacy.isWithinCurveOrder
    _weierstrass_new_output_to_legacy.weierstrassEquation
    _weierstrass_new_output_to_legacy.normPrivateKeyToScalar`,
  // Keys, signing, aggregation, tables; the pairing by other ways than the entry's.
  "curves/esm/abstract/bls.js": `
    createBlsPairing.pairing createBlsPairing.pairingBatch
    bls.longSignatures bls.shortSignatures bls.normP1Hash bls.normP2Hash
    bls.rand bls.randomSecretKey bls.utils.randomPrivateKey
    bls.getPublicKey bls.getPublicKeyForShortSignatures bls.sign bls.signShortSignature
    G1.Point.BASE.precompute()
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
  // Tables, other encodings; keys and signing.
  "curves/esm/abstract/edwards.js": `
    edwards.assertValidMemo Point.CURVE Point.fromHex Point.x Point.y Point.ex Point.ey Point.ez Point.et
    Point.BASE.precompute() Point.precompute Point.assertValidity Point.multiply Point.isTorsionFree
    edwards.Point.toHex edwards.Point.toString edwards.Point.toRawBytes
    Point.normalizeZ Point.msm Point._setWindowSize
    eddsa.randomBytes getPrivateScalar getExtendedPublicKey getPublicKey sign randomSecretKey keygen
    isValidSecretKey isValidPublicKey eddsa.utils`,
  // Secret keys; what is set on another group, which esbuild would keep for it.
  "curves/esm/ed25519.js": `
    adjustScalarBytes
    _RistrettoPoint.BASE= _RistrettoPoint.ZERO= _RistrettoPoint.Fp= _RistrettoPoint.Fn=`,
};

/** Every node of a program, with the names that lead to it. */
function* nodes(node, source, above = "") {
  if (Array.isArray(node)) for (const one of node) yield* nodes(one, source, above);
  if (!node || typeof node.type !== "string") return;
  const name = nameOf(node, source);
  const path = name ? `${above}.${name}` : above;
  yield { node, path: name ? path : "" };
  for (const part of Object.values(node)) yield* nodes(part, source, path);
}

function nameOf({ id, key, expression }, source) {
  const { left, callee } = expression || {};
  if (left) return `${source.slice(left.start, left.end)}=`;
  return callee ? `${source.slice(callee.start, callee.end)}()` : (id || key || {}).name;
}

/** What stands for a definition that is left out, as [from, to, text]; null when the node is none. */
function nothing({ type, start, end, body, init, shorthand }, source) {
  if (type === "FunctionDeclaration") return [body.start, body.end, "{ throw new Error(); }"];
  if (type === "VariableDeclarator" && init) return [init.start, init.end, "() => { throw new Error(); }"];
  if (type === "MethodDefinition" || type === "ExpressionStatement") return [start, end, ""];
  if (type === "Property" && !shorthand) return withComma(start, end, source);
  return null;
}

function withComma(start, end, source) {
  return [start, source[end] === "," ? end + 1 : end, ""];
}

/** A file's text without the named definitions, the texts of errors, and what is `shared`, which is imported. */
function shortened(source, names, shared, file) {
  const all = [...nodes(parse(source, { ecmaVersion: 2022, sourceType: "module" }), source)];
  const gone = new Set();
  const changes = names.map((name) => {
    const found = all.filter(({ node, path }) => path.endsWith(`.${name}`) && nothing(node, source));
    if (found.length !== 1) throw new Error(`${file} has ${name} ${found.length} times`);
    const [{ node }] = found;
    if (node.id) gone.add(node.id.name);
    return nothing(node, source);
  });
  const imported = [];
  for (const { node } of all) {
    const { type, start, end, callee, properties, declaration } = node;
    if (type === "NewExpression" && callee.name === "Error") changes.push([callee.end, end, "()"]);
    if (type === "ObjectExpression") {
      // Nor does an object give it out by its own name.
      const given = properties.filter(({ shorthand, key }) => shorthand && gone.has(key.name));
      changes.push(...given.map((one) => withComma(one.start, one.end, source)));
    }
    if (type === "ExportNamedDeclaration" && declaration && declaration.id && shared.includes(declaration.id.name)) {
      imported.push(declaration.id.name);
      changes.push([start, end, ""]);
    }
  }
  let [text, at] = ["", 0];
  for (const [from, to, instead] of changes.sort((a, b) => a[0] - b[0])) {
    if (from < at) continue; // Inside of what is left out.
    text += source.slice(at, from) + instead;
    at = to;
  }
  text += source.slice(at);
  return imported.length ? `import { ${imported} } from "shared"; export { ${imported} };\n${text}` : text;
}

const unmet = new Set(Object.keys(LEFT_OUT));
const shorten = (shared) => ({
  name: "shorten",
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /@noble.*\.js$/ }, async ({ path }) => {
      const file = path.split("@noble/")[1];
      unmet.delete(file);
      const names = (LEFT_OUT[file] || "").match(/\S+/g) || [];
      return { contents: shortened(await readFile(path, "utf8"), names, shared, file) };
    });
    // By way of a file of its own, for one import instead of one for each of the library's files.
    onResolve({ filter: /^shared$/ }, () => ({ path: "shared", namespace: "shared" }));
    onLoad({ filter: /./, namespace: "shared" }, () => ({ contents: `export { ${shared} } from "./bls12-381.js";` }));
    onResolve({ filter: /./, namespace: "shared" }, ({ path }) => ({ path, external: true }));
  },
});

/** Make a file, with the `shared` names from bls12-381.js; what it exports beside `verify`. */
async function make(name, shared) {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${name}.entry.js`],
    outfile: `${name}.js`,
    bundle: true,
    format: "esm",
    target: "es2020",
    minify: true,
    legalComments: "none",
    metafile: true,
    write: false,
    plugins: [shorten(shared)],
  });
  const { code } = await minify(outputFiles[0].text, {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
    format: { preamble: BANNER },
  });
  await writeFile(`${name}.js`, code);
  return metafile.outputs[`${name}.js`].exports.filter((one) => one !== "verify");
}

await make("ed25519", await make("bls12-381", []));
if (unmet.size) throw new Error(`not bundled: ${[...unmet]}`);
