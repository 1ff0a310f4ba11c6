/* What can be seen on the phone already: that a photo is too dark, blurred or too small. Lenient, since
   the server decides: whoever is asked to do it again should have a reason to. */

/** The longer side, in pixels, that a photo is reduced to for measuring. */
export const MEASURED_SIDE = 512;

/** Luma in grey levels (0-255), sides in pixels: those of the server's checks. `steep`: how much the steepest
    edges lose by more blur; docs/site.md has what photos were found to have. */
const LENIENT = {
  dark: { median: 50, bright: 110 },
  sides: { ktp: [480, 303], selfie: [640, 480] },
  steep: 2.2,
};

/** Squares in which edges are looked for. Those with lower steps (grey levels a pixel) say nothing, and a
    single sharp one may be dust. */
const TILES = { side: 32, lowest: 12, sharp: 3 };

/** Codes of what the checks will probably dislike, the worst first, by the names of the server's reasons.
    `width` and `height` are the whole photo's, `pixels` an ImageData of MEASURED_SIDE. */
export function doubts(kind, width, height, pixels) {
  const found = [];
  const { median, bright, steep } = measures(pixels);
  if (median < LENIENT.dark.median && bright < LENIENT.dark.bright) found.push("too_dark");
  else if (steep < LENIENT.steep) found.push("blurred");
  const [longer, shorter] = LENIENT.sides[kind];
  if (Math.max(width, height) < longer || Math.min(width, height) < shorter) found.push("too_small");
  return found;
}

/** {median, bright, steep}: luma of half and of a twentieth of the pixels, and how steep edges are where they
    are steepest: 1 when nothing is lost by more blur, 0 when there are no edges. */
export function measures({ data, width, height }) {
  const luma = greys(data);
  const count = new Uint32Array(256);
  for (let at = 0; at < luma.length; at += 1) count[luma[at]] += 1;
  // A first, slight blur takes off what noise would pass for edges.
  const once = steps(evened(luma, width, height, 1), width, height);
  const again = steps(evened(luma, width, height, 3), width, height);
  const ratios = once.map((step, tile) => (step < TILES.lowest ? 0 : step / Math.max(again[tile], 1)));
  ratios.sort((a, b) => b - a);
  return { median: percentile(count, 50), bright: percentile(count, 95), steep: ratios[TILES.sharp - 1] || 0 };
}

function greys(data) {
  const luma = new Uint8Array(data.length / 4);
  for (let at = 0, from = 0; at < luma.length; at += 1, from += 4) {
    luma[at] = (data[from] * 77 + data[from + 1] * 150 + data[from + 2] * 29) >> 8;
  }
  return luma;
}

/** Each pixel the mean of the square around it that reaches `reach` pixels to each side. */
function evened(luma, width, height, reach) {
  const side = 2 * reach + 1;
  const rows = new Uint16Array(luma.length);
  for (let y = 0, row = 0; y < height; y += 1, row += width) {
    const last = row + width - 1;
    let sum = luma[row] * reach;
    for (let x = 0; x < reach; x += 1) sum += luma[Math.min(row + x, last)];
    for (let at = row; at <= last; at += 1) {
      sum += luma[Math.min(at + reach, last)];
      rows[at] = sum;
      sum -= luma[Math.max(at - reach, row)];
    }
  }
  const out = new Uint8Array(luma.length);
  const sums = new Uint32Array(width);
  for (let y = -reach; y <= reach; y += 1) {
    const row = Math.max(0, Math.min(y, height - 1)) * width;
    for (let x = 0; x < width; x += 1) sums[x] += rows[row + x];
  }
  const share = 1 / (side * side);
  for (let y = 0, row = 0; y < height; y += 1, row += width) {
    const gone = Math.max(y - reach, 0) * width;
    const come = Math.min(y + reach + 1, height - 1) * width;
    for (let x = 0; x < width; x += 1) {
      // The half keeps a whole quotient whole.
      out[row + x] = (sums[x] + 0.5) * share;
      sums[x] += rows[come + x] - rows[gone + x];
    }
  }
  return out;
}

/** In each tile the step between neighbours that only one in a hundred is higher than. */
function steps(luma, width, height) {
  const found = [];
  for (let top = 0; top + TILES.side < height; top += TILES.side) {
    for (let left = 0; left + TILES.side < width; left += TILES.side) {
      const count = new Uint16Array(256);
      for (let y = top; y < top + TILES.side; y += 1) {
        for (let at = y * width + left, end = at + TILES.side; at < end; at += 1) {
          const across = Math.abs(luma[at + 1] - luma[at]);
          const down = Math.abs(luma[at + width] - luma[at]);
          count[across > down ? across : down] += 1;
        }
      }
      found.push(percentile(count, 99));
    }
  }
  return found;
}

function percentile(count, percent) {
  let total = 0;
  for (const number of count) total += number;
  let seen = 0;
  for (let value = 0; value < count.length; value += 1) {
    seen += count[value];
    if (seen * 100 >= total * percent) return value;
  }
  return count.length - 1;
}
