/* Making a photo fit: the server takes JPEG and PNG up to two million bytes, and 2048 pixels on the
   longer side show all that is judged. Where and when it was taken goes no further than this phone.
   Runs in a worker and, where there are none that can draw, on the page. */

import { barePieces, orientationOf } from "./photo-metadata.js";
import { doubts, MEASURED_SIDE } from "./photo-quality.js";

const FIT = { bytes: 2000000, side: 2048, qualities: [0.85, 0.75, 0.6] };

/** Enough of a JPEG to hold what it says of its orientation. */
const HEAD = 131072;

/** Two pixels beside each other that are to be turned by a quarter, as a JPEG. */
const TWO_PIXELS =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI" +
  "////////////////////////////////////////////////////wAALCAABAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAA" +
  "AAAAAAAAAAD/2gAIAQEAAD8AP//Z";

/** For each orientation of EXIF the matrix that turns the unit square (Canvas: a b c d e f). */
const TURNS = [
  null,
  [1, 0, 0, 1, 0, 0],
  [-1, 0, 0, 1, 1, 0],
  [-1, 0, 0, -1, 1, 1],
  [1, 0, 0, -1, 0, 1],
  [0, 1, 1, 0, 0, 0],
  [0, 1, -1, 0, 1, 0],
  [0, -1, -1, 0, 1, 1],
  [0, -1, 1, 0, 0, 1],
];

/** A file that cannot be sent; `code` says why. */
export class Unusable extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** {blob, doubts}: what to send, and what the checks will probably dislike. Throws Unusable. */
export async function fitted(file, kind) {
  const type = await typeOf(file);
  const picture = await decoded(file, type);
  if (!picture) return { blob: undecoded(file, type), doubts: [] };
  try {
    const kept = await bare(file, type, picture);
    // What is drawn anew is measured from there, which spares going over all its pixels twice.
    const made = kept ? null : drawn(picture, scaleTo(FIT.side, picture));
    const found = doubts(kind, picture.width, picture.height, reduced(made ? plain(made.canvas) : picture));
    return { blob: kept || (await encodedToFit(picture, made.canvas)), doubts: found };
  } finally {
    if (picture.image.close) picture.image.close();
  }
}

/** The type by the first bytes, since names and announced types are often wrong. */
async function typeOf(file) {
  const bytes = await bytesOf(file.slice(0, 16));
  const text = String.fromCharCode(...bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n")) return "image/png";
  if (text.startsWith("%PDF")) return "application/pdf";
  if (/^....ftyp(heic|heix|hevc|hevx|heif|mif1|msf1)/s.test(text)) return "image/heic";
  return "";
}

/** The browser cannot show it: the server may still know why, else the next step is said here. */
function undecoded(file, type) {
  if (type === "application/pdf") throw new Unusable("photo_pdf");
  if (type === "image/heic") throw new Unusable("photo_heic");
  if (type === "") throw new Unusable("photo_format");
  if (file.size > FIT.bytes) throw new Unusable("photo_unreadable");
  return new Blob([file], { type });
}

/** {image, width, height, turn}: upright width and height; `turn` is what drawing still has to do.
    Null when the browser cannot decode it. */
async function decoded(file, type) {
  try {
    if (typeof document !== "undefined") {
      const image = await shown(file);
      return { image, width: image.naturalWidth, height: image.naturalHeight, turn: 1 };
    }
    const image = await createImageBitmap(file);
    const turn = type === "image/jpeg" && !(await turnsItself()) ? orientationOf(await bytesOf(file.slice(0, HEAD))) : 1;
    const [width, height] = turn < 5 ? [image.width, image.height] : [image.height, image.width];
    return { image, width, height, turn };
  } catch (error) {
    return null;
  }
}

async function shown(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    if (!image.naturalWidth) throw new Unusable("photo_unreadable");
    return image;
  } finally {
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }
}

/** Older browsers leave bitmaps lying as the camera was held. */
async function turnsItself() {
  const bytes = Uint8Array.from(atob(TWO_PIXELS), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  return image.height > image.width;
}

/** A photo that fits already, with its pixels as they are; null when it has to be drawn anew. */
async function bare(file, type, { width, height }) {
  if (file.size > FIT.bytes || Math.max(width, height) > FIT.side) return null;
  if (type !== "image/jpeg" && type !== "image/png") return null;
  const bytes = await bytesOf(file);
  if (type === "image/jpeg" && orientationOf(bytes) !== 1) return null;
  const pieces = barePieces(bytes, type);
  return pieces && new Blob(pieces, { type });
}

/** A JPEG that fits: plainer and smaller until it does. `canvas` is the picture at its largest. */
async function encodedToFit(picture, canvas) {
  for (let round = 0, made = canvas; round < 3; round += 1) {
    for (const quality of FIT.qualities) {
      const blob = await encoded(made, quality);
      if (blob && blob.size <= FIT.bytes) return blob;
    }
    made = drawn(picture, scaleTo(FIT.side, picture) * 0.75 ** (round + 1)).canvas;
  }
  throw new Unusable("too_large");
}

/** The pixels of the photo at the size at which it is measured. */
function reduced(picture) {
  const { canvas, pen } = drawn(picture, scaleTo(MEASURED_SIDE, picture));
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** A canvas as a picture that lies as it should. */
function plain(canvas) {
  return { image: canvas, width: canvas.width, height: canvas.height, turn: 1 };
}

function scaleTo(side, { width, height }) {
  return Math.min(1, side / Math.max(width, height));
}

function drawn({ image, width, height, turn }, scale) {
  const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const canvas = surface(wide, high);
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "white";
  pen.fillRect(0, 0, wide, high);
  pen.imageSmoothingQuality = "high";
  const [a, b, c, d, e, f] = TURNS[turn];
  pen.setTransform(a, b, c, d, e * wide, f * high);
  pen.drawImage(image, 0, 0, turn < 5 ? wide : high, turn < 5 ? high : wide);
  return { canvas, pen };
}

function surface(width, height) {
  if (typeof document === "undefined") return new OffscreenCanvas(width, height);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function encoded(canvas, quality) {
  if (canvas.convertToBlob) return canvas.convertToBlob({ type: "image/jpeg", quality });
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
}

async function bytesOf(blob) {
  try {
    return new Uint8Array(await new Response(blob).arrayBuffer());
  } catch (error) {
    throw new Unusable("photo_lost");
  }
}
