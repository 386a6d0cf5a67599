// The stops of the day and what became of them here and at the server.
import { KEPT, outbox } from "./queue.js";

export const visitOf = (day, uid) => day?.data.visits.find((one) => one.uid === uid) ?? null;

// Whether a record still stands for a matter the day lists as open: a receipt older than that day does not, the
// matter is open again (a reopened visit, a case that came back).
export const stands = (app, row) => !(row.state === KEPT && row.settled_at < app.day.got_at);

// By visit the record that stands for it.
export async function recordsOf(app) {
  const found = new Map();
  for (const row of await outbox(app.db, app.person.id)) {
    const uid = row.given.visit;
    if (!uid || found.has(uid)) continue;
    if (visitOf(app.day, uid)?.state === "planned" && !stands(app, row)) continue;
    found.set(uid, row);
  }
  return found;
}

const isOpen = (records) => (visit) => visit.state === "planned" && !records.has(visit.uid);
export const openStops = (day, records) => day.data.visits.filter(isOpen(records));

// The next open stop in the order of the route, from the top again when the last one was done; null when all are.
export function nextStop(day, records, uid) {
  const visits = day.data.visits;
  const at = visits.findIndex((one) => one.uid === uid);
  return [...visits.slice(at + 1), ...visits.slice(0, Math.max(0, at))].find(isOpen(records)) ?? null;
}
