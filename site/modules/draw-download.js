/* A long list as it comes from the site, with progress. */

const STEP_BYTES = 262144;

/** The bytes of a stream that should have `size` of them; never more than one more. */
export async function collect(stream, name, size, onProgress) {
  const whole = new Uint8Array(size + 1);
  const reader = stream.getReader();
  let at = 0;
  let told = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const part = value.subarray(0, whole.length - at);
    whole.set(part, at);
    at += part.length;
    if (at - told >= STEP_BYTES || at === size) {
      onProgress(`download_${name.split(".")[0]}`, at, size);
      told = at;
    }
    if (at > size) {
      await reader.cancel();
      break;
    }
  }
  return whole.subarray(0, at);
}
