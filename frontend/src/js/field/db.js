// What the phone keeps: the day, drafts, files and records, each tied to the person it belongs to.
import Dexie from "../../vendor/dexie.min.mjs";

// "strict": the bytes are on the disk before a transaction ends, so that a dead battery loses nothing we called kept.
export function openDb(name = "chuangwen-field") {
  const db = new Dexie(name, { chromeTransactionDurability: "strict" });
  db.version(1).stores({
    facts: "key", // who was here last, the lease of the sender
    days: "person", // what day.json answered
    earlier: "[person+url], person", // earlier photos of rechecks, gone with the day
    drafts: "[person+key], person", // half-filled pages, written at every tap
    files: "uid, [person+record], [person+draft]", // bytes, with the place and time they were taken at
    records: "uid, person, [person+state]", // the queue; receipts stay 30 days
  });
  return db;
}

// An id of our own; randomUUID is there on https only.
export function newUid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Whether an error of the browser says that the phone's storage is full.
export const isFull = (fault) => [fault?.name, fault?.inner?.name].includes("QuotaExceededError");
