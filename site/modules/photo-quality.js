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

/** How far the wider blur reaches, in pixels. */
const REACH = 3;

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
  const count = new Uint32Array(256);
  const luma = greys(data, count);
  // A first, slight blur takes off what noise would pass for edges.
  const sums = summed(luma, width, height);
  const once = steps(evened(sums, width, height, 1), width, height);
  const again = steps(evened(sums, width, height, REACH), width, height);
  const ratios = once.map((step, tile) => (step < TILES.lowest ? 0 : step / Math.max(again[tile], 1)));
  ratios.sort((a, b) => b - a);
  return { median: percentile(count, 50), bright: percentile(count, 95), steep: ratios[TILES.sharp - 1] || 0 };
}

/** The luma of each pixel; `count` gets how many have each. */
function greys(data, count) {
  const luma = new Uint8Array(data.length / 4);
  for (let at = 0, from = 0; at < luma.length; at += 1, from += 4) {
    const grey = (data[from] * 77 + data[from + 1] * 150 + data[from + 2] * 29) >> 8;
    luma[at] = grey;
    count[grey] += 1;
  }
  return luma;
}

/** Sums of all pixels above and left of each place, in a picture whose outermost pixels are repeated
    REACH times outwards: four of them give the sum of any square. */
function summed(luma, width, height) {
  const across = width + 2 * REACH + 1;
  const sums = new Int32Array(across * (height + 2 * REACH + 1));
  const line = new Uint8Array(across - 1);
  for (let y = -REACH, at = across; y < height + REACH; y += 1, at += across) {
    const row = Math.max(0, Math.min(y, height - 1)) * width;
    line.fill(luma[row], 0, REACH);
    line.set(luma.subarray(row, row + width), REACH);
    line.fill(luma[row + width - 1], REACH + width);
    for (let x = 0, sum = 0; x < line.length; x += 1) {
      sum += line[x];
      sums[at + x + 1] = sums[at + x + 1 - across] + sum;
    }
  }
  return sums;
}

/** Each pixel the mean, rounded down, of the square around it that reaches `reach` pixels to each side. */
function evened(sums, width, height, reach) {
  const across = width + 2 * REACH + 1;
  const side = 2 * reach + 1;
  // Exact in whole numbers for sums up to 49 pixels.
  const share = Math.ceil(2 ** 20 / (side * side));
  const out = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    let top = (y + REACH - reach) * across + REACH - reach;
    let bottom = top + side * across;
    for (const end = at + width; at < end; at += 1, top += 1, bottom += 1) {
      const sum = sums[bottom + side] - sums[bottom] - sums[top + side] + sums[top];
      out[at] = Math.imul(sum, share) >> 20;
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
      for (let row = top * width + left, last = row + TILES.side * width; row < last; row += width) {
        let here = luma[row];
        for (let at = row, end = row + TILES.side; at < end; at += 1) {
          const next = luma[at + 1];
          const across = Math.abs(next - here);
          const down = Math.abs(luma[at + width] - here);
          count[Math.max(across, down)] += 1;
          here = next;
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
