// SHA-256 of bytes as 64 hex digits. Browsers give crypto.subtle on https only; FIPS 180-4 in a few lines where it is not.
const hex = (words) => [...words].map((w) => w.toString(16).padStart(8, "0")).join("");
const turn = (x, n) => (x >>> n) | (x << (32 - n));

function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n += 1) if (found.every((p) => n % p)) found.push(n);
  return found;
}
// The first 32 bits of the broken part of the square (cube) roots of the first primes: the standard's constants.
const broken = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32) >>> 0;
const ROUND = Uint32Array.from(primes(64), (p) => broken(Math.cbrt(p)));
const START = Uint32Array.from(primes(8), (p) => broken(Math.sqrt(p)));

function mix(state, w) {
  for (let i = 16; i < 64; i += 1) {
    const a = w[i - 15];
    const b = w[i - 2];
    w[i] = (w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) >>> 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) >>> 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) >>> 0, c, b, a, (one + two) >>> 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => { state[i] = (state[i] + x) >>> 0; });
}

// `bytes`: ArrayBuffer or Uint8Array.
export function sha256Slow(bytes) {
  const data = new Uint8Array(bytes);
  const whole = new Uint8Array(((data.length + 8) >> 6 << 6) + 64);
  whole.set(data);
  whole[data.length] = 0x80;
  const view = new DataView(whole.buffer);
  view.setUint32(whole.length - 8, Math.floor(data.length / 2 ** 29));
  view.setUint32(whole.length - 4, (data.length << 3) >>> 0);
  const state = START.slice();
  const w = new Uint32Array(64);
  for (let at = 0; at < whole.length; at += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(at + i * 4);
    mix(state, w);
  }
  return hex(state);
}

export async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return sha256Slow(bytes);
  const found = new DataView(await crypto.subtle.digest("SHA-256", bytes));
  return hex(Array.from({ length: 8 }, (_, i) => found.getUint32(i * 4)));
}
