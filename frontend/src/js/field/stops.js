// The stops of the day and what became of them here and at the server.
import { KEPT, outbox } from "./queue.js";

export const visitOf = (day, uid) => day?.data.visits.find((one) => one.uid === uid) ?? null;

// By visit the record that stands for it. A receipt older than the server's word that the stop is open again
// (a reopened visit) stands no more.
export async function recordsOf(app) {
  const found = new Map();
  for (const row of await outbox(app.db, app.person.id)) {
    const uid = row.given.visit;
    if (!uid || found.has(uid)) continue;
    const open = visitOf(app.day, uid)?.state === "planned";
    if (row.state === KEPT && open && row.settled_at < app.day.got_at) continue;
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
