// The sender: files first, piece by piece, then records in small batches; nothing of it knows a page.
import { Trouble, makeCall } from "./call.js";
import { sendFile } from "./pieces.js";
import { claim, dueRecords, pause, putOff, settle } from "./queue.js";

const MOST = 20; // records in one request
const MOST_BYTES = 1_000_000;
const ROUNDS = 4; // times a record's files are sent again within one run, when the server misses them

const FACTS = ["uid", "role", "taken_at", "lon", "lat", "datum", "accuracy_m", "sha256"];

// A record as the server is to read it, with the facts of its files as they are now.
async function letter(db, row) {
  const files = await db.files.where({ person: row.person, record: row.uid }).toArray();
  const told = files.map((file) => ({ item: file.item ?? null, ...Object.fromEntries(FACTS.map((name) => [name, file[name] ?? null])) }));
  return { uid: row.uid, kind: row.kind, at: row.at, given: row.given, files: told };
}

const pendingFiles = (db, row) => db.files.where({ person: row.person, record: row.uid }).and((file) => !file.arrived).toArray();

// What the sender is given: `db` (openDb), `session` {person, csrf, renew()}, `lock` (makeLock), `fetch`, `now` (ms),
// `random` (0–1), `onChange()` after each step, `piece` bytes. `run({all})` sends what is due (all: what waits, too)
// and resolves to {state, why, next_at}: state idle, offline, signed-out, other or busy (another tab sends).
export function makeSender({ db, session, lock, fetch, now = Date.now, random = Math.random, onChange = () => {}, piece = 262_144, wait_ms: wait }) {
  const call = makeCall({ fetch, session, wait_ms: wait });
  const later = (tries) => now() + pause(tries, random);
  let running = null;

  async function post(letters) {
    const body = JSON.stringify({ clock: new Date(now()).toISOString(), records: letters });
    const { body: answer } = await call("/field/send/", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const settled = new Map();
    for (const one of answer.answers ?? []) {
      const did = await settle(db, one, session.person, now());
      if (!did) await putOff(db, one.uid, one.why ?? "", later); // no receipt, no refusal: asked again later
      settled.set(one.uid, did || "later");
    }
    if (Number.isFinite(answer.clock_s)) await db.facts.put({ key: "clock", clock_s: answer.clock_s });
    return settled;
  }

  // Files of one record; false when this record has to wait or to be mended, and the others go on.
  async function files(row) {
    for (const file of await pendingFiles(db, row)) {
      try {
        await sendFile(db, call, file, piece);
      } catch (fault) {
        if (fault.kind === "file") await settle(db, { uid: row.uid, status: "refused", why: fault.why }, session.person, now());
        else if (fault.kind === "server") await putOff(db, row.uid, fault.why, later);
        else throw fault;
        return false;
      }
      onChange();
    }
    return true;
  }

  // A request the server cannot digest is sent again one record at a time, so that one bad record harms no other.
  async function postAll(batch) {
    try {
      return await post(batch.map((one) => one.letter));
    } catch (fault) {
      if (fault.kind !== "server") throw fault;
      if (batch.length > 1) return new Map((await Promise.all(batch.map((one) => postAll([one])))).flatMap((part) => [...part]));
      await putOff(db, batch[0].row.uid, fault.why, later);
      return new Map([[batch[0].row.uid, "later"]]);
    }
  }

  async function flush(batch, wanted) {
    if (!batch.length) return;
    const settled = await postAll(batch);
    for (const { row } of batch) {
      const did = settled.get(row.uid) ?? "";
      if (did === "wants") wanted.push(row);
      else if (!did) await putOff(db, row.uid, "", later); // not among the answers
    }
    batch.length = 0;
    onChange();
  }

  // Sends these records; returns those whose files the server misses.
  async function pass(rows) {
    const batch = [];
    const wanted = [];
    let bytes = 0;
    for (const row of rows) {
      if (!(await files(row))) continue;
      const told = await letter(db, row);
      const size = new TextEncoder().encode(JSON.stringify(told)).length;
      if (batch.length >= MOST || bytes + size > MOST_BYTES) {
        await flush(batch, wanted);
        bytes = 0;
      }
      bytes += size;
      batch.push({ row, letter: told });
    }
    await flush(batch, wanted);
    return wanted;
  }

  async function readyFirst(rows) {
    const waits = new Map();
    for (const row of rows) waits.set(row.uid, (await pendingFiles(db, row)).length > 0);
    return [...rows.filter((row) => !waits.get(row.uid)), ...rows.filter((row) => waits.get(row.uid))];
  }

  async function drain(all) {
    const mine = [];
    for (const row of await dueRecords(db, session.person, all ? Infinity : now())) if (await claim(db, row.uid)) mine.push(row);
    try {
      let rows = await readyFirst(mine);
      for (let turn = 0; rows.length && turn < ROUNDS; turn += 1) rows = await pass(rows);
      for (const row of rows) await putOff(db, row.uid, "", later);
      return { state: "idle", why: "" };
    } catch (fault) {
      if (!(fault instanceof Trouble)) throw fault;
      for (const row of mine) await putOff(db, row.uid, fault.why, later); // what was settled in between stays settled
      return { state: fault.kind === "network" ? "offline" : fault.kind, why: fault.why };
    } finally {
      onChange();
    }
  }

  async function run({ all = false } = {}) {
    if (running) return running;
    running = lock(() => drain(all)).finally(() => { running = null; });
    const ended = (await running) ?? { state: "busy", why: "" };
    const waiting = await dueRecords(db, session.person, Infinity);
    return { ...ended, next_at: waiting.length ? Math.min(...waiting.map((row) => row.next_at)) : null };
  }

  return { run };
}
