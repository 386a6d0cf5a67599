// The day on the phone: fetched when there is a network, whole before leaving, with the earlier photos of rechecks.
import { askDay } from "./session.js";

const DAY_MS = 86_400_000;

export const lastPerson = async (db) => (await db.facts.get("me"))?.value ?? null;
export const keptDay = (db, person) => db.days.get(person.id);

// Drops what belongs to the day of a person; records and drafts stay, tied to him.
export function dropDay(db, person) {
  return db.transaction("rw", [db.days, db.earlier], async () => {
    await db.days.delete(person);
    await db.earlier.where({ person }).delete();
  });
}

// After signing out the phone belongs to nobody.
export async function forgetPerson(db, person) {
  await dropDay(db, person);
  await db.facts.delete("me");
}

// Fetches the day. Resolves to {day, csrf}; csrf is "" when nothing changed. Raises Trouble. Another person's day goes.
export async function fetchDay(db, fetch, before, always = false) {
  const asked_at = Date.now();
  const { data, etag } = await askDay(fetch, before?.etag ?? "", always);
  if (!data) {
    const day = { ...before, got_at: asked_at };
    await db.days.put(day);
    return { day, csrf: "" };
  }
  const { csrf, now, ...rest } = data;
  const day = { person: data.me.id, got_at: asked_at, skew_ms: Date.now() - Date.parse(now), etag, data: rest };
  for (const other of await db.days.where("person").notEqual(day.person).primaryKeys()) await dropDay(db, other);
  await db.days.put(day);
  await db.facts.put({ key: "me", value: data.me });
  return { day, csrf };
}

const addresses = (day) => [...new Set(day.data.rechecks.flatMap((one) => [...one.before, ...one.after]).map((photo) => photo.url))];

// Brings the earlier photos onto the phone, one after the other; tells {have, all} after each. Returns how many are missing.
export async function fetchEarlier(db, fetch, day, tell) {
  const wanted = addresses(day);
  const person = day.person;
  const kept = new Set((await db.earlier.where({ person }).primaryKeys()).map(([, url]) => url));
  await db.earlier.where({ person }).and((row) => !wanted.includes(row.url)).delete();
  let have = wanted.filter((url) => kept.has(url)).length;
  tell({ have, all: wanted.length });
  for (const url of wanted.filter((one) => !kept.has(one))) {
    const answer = await fetch(url, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (!answer?.ok || !(answer.headers.get("Content-Type") ?? "").startsWith("image/")) continue;
    await db.earlier.put({ person, url, type: answer.headers.get("Content-Type"), bytes: await answer.arrayBuffer() });
    have += 1;
    tell({ have, all: wanted.length });
  }
  return wanted.length - have;
}

// A day older than two days is of no use and is dropped.
export const isStale = (day) => Date.now() - day.got_at > 2 * DAY_MS;
