/* How likely a place is for families of different size, when at most `room` of each may be taken.
   Every entry's number is random and by itself, so of a family's `size` entries those below the last
   number that got a place are as many as heads in `size` throws of a coin that falls with `share`. */

/** Probability that exactly `k` of `size` lie below the last number that got a place. */
function below(size, k, share) {
  let ways = 1;
  for (let i = 0; i < k; i += 1) ways = (ways * (size - i)) / (i + 1);
  return ways * share ** k * (1 - share) ** (size - k);
}

/** For a family with so many entries: {one: P(at least one place), each: P(a given member)}. */
export function chances(size, share, room) {
  let [some, places] = [0, 0];
  for (let k = 1; k <= size; k += 1) {
    const likely = below(size, k, share);
    some += likely;
    places += likely * Math.min(k, room);
  }
  return { one: some, each: places / size };
}
