/* Making a photo fit: the server takes JPEG and PNG up to two million bytes, and 2048 pixels on the
   longer side show all that is judged. Drawing it anew also drops where and when it was taken. */

export const LIMITS = { bytes: 2000000, side: 2048, qualities: [0.85, 0.75, 0.6] };

/** A file that cannot be sent; `code` says why. */
export class Unusable extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** A blob to send, made from what the person chose. Throws Unusable. */
export async function shrink(file) {
  const type = await typeOf(file);
  const image = await decoded(file);
  if (!image) return undecoded(file, type);
  const { naturalWidth: width, naturalHeight: height } = image;
  const plain = type === "image/jpeg" || type === "image/png";
  const small = file.size <= LIMITS.bytes && Math.max(width, height) <= LIMITS.side;
  if (plain && small) return new Blob([file], { type });
  let scale = Math.min(1, LIMITS.side / Math.max(width, height));
  for (let round = 0; round < 3; round += 1, scale *= 0.75) {
    const canvas = drawn(image, Math.round(width * scale), Math.round(height * scale));
    for (const quality of LIMITS.qualities) {
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (blob && blob.size <= LIMITS.bytes) return blob;
    }
  }
  throw new Unusable("too_large");
}

/** The type by the first bytes, since names and announced types are often wrong. */
export async function typeOf(file) {
  const bytes = new Uint8Array(await read(file.slice(0, 16)));
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
  if (file.size > LIMITS.bytes) throw new Unusable("photo_unreadable");
  return new Blob([file], { type });
}

/** The picture, upright as its orientation mark says; null when it cannot be decoded. */
async function decoded(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    return image.naturalWidth ? image : null;
  } catch (error) {
    return null;
  } finally {
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }
}

function drawn(image, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "white";
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, width, height);
  return canvas;
}

function read(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Unusable("photo_lost"));
    reader.readAsArrayBuffer(blob);
  });
}
