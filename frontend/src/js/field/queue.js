// The queue: a record is written with its files in one transaction, moves only forward, and goes only with a receipt.
import { newUid } from "./db.js";
import { clear, lay } from "./spare.js";

export const WAITING = "waiting"; // not sent, or sent without an answer
export const KEPT = "kept"; // the server has it: there is a receipt
export const ASIDE = "aside"; // the server has it and a person there looks at it: there is a receipt
export const REFUSED = "refused"; // the server will not take it as it is; to be mended here
const RECEIPT_DAYS = 30;
const LONGEST_MS = 600_000;
const HASH = /^[0-9a-f]{64}$/;

const TABLES = (db) => [db.records, db.files, db.drafts];

// Keeps one record. `record`: {person, kind, given, title, at (ISO), draft (key or ""), hold_ms}; `files`: rows of addFile
// that belong to the draft are taken along. Resolves to the record only when everything lies on the phone, twice where it can.
export async function keepRecord(db, record, { now = Date.now, uid = newUid() } = {}) {
  const kept = await db.transaction("rw", TABLES(db), async () => {
    const { person, kind, given, title = "", draft = "", hold_ms: hold = 0 } = record;
    const files = draft ? await db.files.where({ person, draft }).toArray() : [];
    const half = draft ? await db.drafts.get([person, draft]) : null;
    const row = {
      uid, person, kind, given, title, draft, half, at: record.at ?? new Date(now()).toISOString(), kept_at: now(), state: WAITING,
      tries: 0, next_at: now() + hold, why: "", receipt: null, files: files.map(({ uid: id, role, size, sha256 }) => ({ uid: id, role, size, sha256 })),
    };
    await db.records.add(row);
    for (const file of files) await db.files.update(file.uid, { record: uid, draft: "" });
    if (half) await db.drafts.delete([person, draft]);
    return row;
  });
  await lay(db, kept);
  return kept;
}

// Back to a half-filled page: undo right after keeping (nothing went out yet), or mending what the server refused.
// The next keeping gets a new id: a late copy of the old request must not swallow what was mended.
// Resolves to true; false when it is too late, or when there is nothing to mend by hand.
export async function reopenRecord(db, uid) {
  const back = await db.transaction("rw", TABLES(db), async () => {
    const row = await db.records.get(uid);
    const fresh = row?.state === WAITING && row.tries === 0;
    if (!fresh && !(row?.state === REFUSED && row.draft)) return false;
    if (row.draft) {
      if (await db.drafts.get([row.person, row.draft])) return false; // that page is being filled anew
      await db.drafts.put({ given: row.given, ...row.half, person: row.person, key: row.draft, why: row.why });
      await db.files.where({ person: row.person, record: uid }).modify({ record: "", draft: row.draft });
    }
    await db.records.delete(uid);
    return row;
  });
  if (back) await clear(db, back);
  return Boolean(back);
}

// Sends a refused record again as it is: what the server found wrong may be right by now.
export function retryRecord(db, uid) {
  return db.transaction("rw", [db.records], async () => {
    const row = await db.records.get(uid);
    if (row?.state === REFUSED) await db.records.update(uid, { state: WAITING, next_at: 0 });
  });
}

// `file`: {person, draft, role, item, type, bytes (ArrayBuffer), sha256, taken_at, lon, lat, datum, accuracy_m}.
export async function addFile(db, file) {
  const row = { uid: newUid(), record: "", arrived: false, received: 0, size: file.bytes.byteLength, made_at: Date.now(), ...file };
  await db.files.add(row);
  return row;
}

// What is to be sent by this person and due at `now` (a number; Infinity for all), oldest first.
// A clock that was set back must not hold a record for days: nothing waits longer than the longest pause.
export async function dueRecords(db, person, now) {
  const rows = await db.records.where({ person, state: WAITING }).toArray();
  return rows.filter((row) => row.next_at <= now || row.next_at > now + LONGEST_MS).sort((a, b) => a.kept_at - b.kept_at || (a.uid < b.uid ? -1 : 1));
}

// Marks that a record is about to leave the phone; false when it was taken back in between.
export function claim(db, uid) {
  return db.transaction("rw", [db.records], async () => {
    const row = await db.records.get(uid);
    if (row?.state !== WAITING) return false;
    await db.records.update(uid, { tries: row.tries + 1 });
    return true;
  });
}

// Waits longer after each try: 2 s doubled up to 5 minutes, spread by half so that phones do not knock together.
export const pause = (tries, random) => Math.min(300_000, 2000 * 2 ** Math.min(Math.max(0, tries - 1), 8)) * (0.5 + random());

export function putOff(db, uid, why, next) {
  return db.transaction("rw", [db.records], async () => {
    const row = await db.records.get(uid);
    if (row?.state === WAITING) await db.records.update(uid, { why, next_at: next(row.tries) });
  });
}

async function dropHalf(db, person, draft) {
  await db.drafts.delete([person, draft]);
  await db.files.where({ person, draft }).delete();
}

// Takes one answer of the server. An answer that comes twice, late or for a settled record changes nothing.
// Returns what it did: kept, aside, refused, wants or "" (nothing, or an answer without a proper receipt).
export async function settle(db, answer, person, now) {
  const done = await settled(db, answer, person, now);
  if (done === KEPT || done === ASIDE) await clear(db, await db.records.get(answer.uid));
  return done;
}

function settled(db, answer, person, now) {
  return db.transaction("rw", TABLES(db), async () => {
    const row = await db.records.get(answer.uid);
    if (!row || row.person !== person || row.state === KEPT || row.state === ASIDE) return "";
    const state = { kept: KEPT, again: KEPT, aside: ASIDE }[answer.status];
    if (state) {
      if (!HASH.test(answer.receipt?.hash ?? "")) return "";
      await db.records.update(row.uid, { state, receipt: answer.receipt, why: answer.why ?? "", settled_at: now, half: null });
      await db.files.where({ person, record: row.uid }).delete(); // only here, and only with a receipt
      if (row.kind === "skip") await dropHalf(db, person, `visit:${row.given.visit}`);
      return state;
    }
    if (row.state !== WAITING) return "";
    if (answer.status === "refused") {
      await db.records.update(row.uid, { state: REFUSED, why: answer.why ?? "" });
      return REFUSED;
    }
    if (answer.status !== "wants") return "";
    const missing = answer.wants ?? [];
    await db.files.where({ person, record: row.uid }).and((file) => missing.includes(file.uid)).modify({ arrived: false, received: 0 });
    return "wants";
  });
}

// Everything in the order of the outbox: not sent first, then by time, newest first.
export async function outbox(db, person) {
  const rows = await db.records.where({ person }).toArray();
  const rank = { [REFUSED]: 0, [WAITING]: 1, [ASIDE]: 2, [KEPT]: 3 };
  return rows.sort((a, b) => rank[a.state] - rank[b.state] || b.kept_at - a.kept_at);
}

export const isUnsent = (row) => row.state === WAITING || row.state === REFUSED;

export async function unsentByPerson(db) {
  const found = new Map();
  await db.records.each((row) => { if (isUnsent(row)) found.set(row.person, (found.get(row.person) ?? 0) + 1); });
  return found;
}

// Receipts are kept for 30 days; what has none is never forgotten.
export function forgetReceipts(db, now) {
  const before = now - RECEIPT_DAYS * 86_400_000;
  return db.records.filter((row) => row.receipt !== null && row.settled_at < before).delete();
}
