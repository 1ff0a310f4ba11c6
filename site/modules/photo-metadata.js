/* What a photo's file says beside its pixels: how to turn it, where and when it was taken. */

const EXIF = "Exif\0\0";
const PNG_TOLD = ["tEXt", "zTXt", "iTXt", "eXIf", "tIME"];

/** How a JPEG is to be turned, 1 to 8 as EXIF counts; 1 when nothing is said. */
export function orientationOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    for (const { mark, body } of segments(bytes)) {
      if (mark === 0xda) return 1;
      if (mark === 0xe1 && wordsAt(bytes, body, 6) === EXIF) return orientationIn(view, body + 6);
    }
  } catch (error) {
    return 1;
  }
  return 1;
}

/** The pieces of a JPEG or PNG without place, time and phone; null when its parts cannot be told apart.
    Colour profiles stay, and pixels as they are. */
export function barePieces(bytes, type) {
  try {
    return type === "image/png" ? barePng(bytes) : bareJpeg(bytes);
  } catch (error) {
    return null;
  }
}

function bareJpeg(bytes) {
  const pieces = [bytes.subarray(0, 2)];
  let last = 0;
  for (const { mark, from, body, to } of segments(bytes)) {
    const application = mark >= 0xe1 && mark <= 0xef;
    const needed = mark === 0xee || (mark === 0xe2 && wordsAt(bytes, body, 11) === "ICC_PROFILE");
    if (mark !== 0xfe && (!application || needed)) pieces.push(bytes.subarray(from, to));
    last = mark;
  }
  return last === 0xd9 ? pieces : null;
}

function barePng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces = [bytes.subarray(0, 8)];
  for (let at = 8, name = ""; name !== "IEND"; ) {
    const to = at + 12 + view.getUint32(at);
    name = wordsAt(bytes, at + 4, 4);
    if (to > bytes.length) return null;
    if (!PNG_TOLD.includes(name)) pieces.push(bytes.subarray(at, to));
    at = to;
  }
  return pieces;
}

/** The segments of a JPEG in turn, up to its end mark; a scan goes with the pixels that follow it. */
function* segments(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 2 <= bytes.length && bytes[at] === 0xff) {
    const mark = bytes[at + 1];
    if (mark === 0xff) {
      at += 1;
      continue;
    }
    if (mark === 0xd9) {
      yield { mark, from: at, body: at + 2, to: at + 2 };
      return;
    }
    const end = at + 2 + view.getUint16(at + 2);
    const to = mark === 0xda ? endOfScan(bytes, end) : end;
    yield { mark, from: at, body: at + 4, to };
    at = to;
  }
}

/** Where the pixels end: at a mark that neither stands for 0xff itself nor starts the decoder anew. */
function endOfScan(bytes, start) {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

/** The orientation of a TIFF head, which counts its addresses from `start`. */
function orientationIn(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const first = start + view.getUint32(start + 4, little);
  for (let entry = 0; entry < view.getUint16(first, little); entry += 1) {
    const at = first + 2 + entry * 12;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const found = view.getUint16(at + 8, little);
    return found >= 1 && found <= 8 ? found : 1;
  }
  return 1;
}

function wordsAt(bytes, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
