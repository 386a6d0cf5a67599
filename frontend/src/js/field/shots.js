// A photo or a voice note kept on the phone: made smaller, hashed, with the place and time it was taken at.
import { isLive, shrink, whereAmI } from "../photos.js";
import { addFile } from "./queue.js";
import { sha256 } from "./sha256.js";

// Asks for the place once, for this photo, and writes it when it comes; the photo does not wait. Nothing is followed.
async function placeLater(db, uid, place) {
  const found = await place;
  if (!found) return;
  const { longitude, latitude, accuracy } = found.coords;
  await db.files.update(uid, { lon: Number(longitude.toFixed(7)), lat: Number(latitude.toFixed(7)), datum: "wgs84", accuracy_m: Math.round(accuracy) });
}

// Keeps a file chosen or taken now. An older picture keeps its own time and gets no place of ours.
// Resolves to {row, placed}: `placed` ends when the place is known or given up.
export async function keepShot(db, { person, draft, role, item = null, file }) {
  const live = isLive(file);
  const place = live ? whereAmI() : Promise.resolve(null);
  const small = await shrink(file);
  const bytes = await small.arrayBuffer();
  const row = await addFile(db, {
    person, draft, role, item, type: small.type || file.type, bytes, sha256: await sha256(bytes),
    taken_at: new Date(file.lastModified || Date.now()).toISOString(), lon: null, lat: null, datum: null, accuracy_m: null,
  });
  return { row, placed: placeLater(db, row.uid, place) };
}

export async function keepVoice(db, { person, draft, item = null, blob }) {
  const bytes = await blob.arrayBuffer();
  return addFile(db, {
    person, draft, role: "voice", item, type: blob.type, bytes, sha256: await sha256(bytes),
    taken_at: new Date().toISOString(), lon: null, lat: null, datum: null, accuracy_m: null,
  });
}

// An address for an <img> or <audio> of a kept file, once per file and page.
let lent = new Map();
export function lend(row) {
  const key = row.uid ?? row.url;
  if (!lent.has(key)) lent.set(key, URL.createObjectURL(new Blob([row.bytes], { type: row.type })));
  return lent.get(key);
}
// A new page lends anew; returns what gives back the addresses of the old one, to be called once the new one stands.
export function newLoans() {
  const old = lent;
  lent = new Map();
  return () => old.forEach((address) => URL.revokeObjectURL(address));
}

// Bytes that are still free, or null where the browser does not tell.
export async function freeBytes() {
  const told = await navigator.storage?.estimate?.().catch(() => null);
  return told?.quota ? told.quota - told.usage : null;
}
