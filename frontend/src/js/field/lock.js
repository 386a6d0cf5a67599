// One sender at a time across the tabs of a phone: the browser's locks, or a lease in the database where it has none.
const LEASE_MS = 60_000;

async function take(db, holder, now) {
  return db.transaction("rw", [db.facts], async () => {
    const lease = await db.facts.get("lease");
    if (lease && lease.holder !== holder && lease.until > now() && lease.until <= now() + LEASE_MS) return false;
    await db.facts.put({ key: "lease", holder, until: now() + LEASE_MS });
    return true;
  });
}

// Runs `task` under a lease of a minute that is renewed while it runs; null when another holds it.
export async function withLease(db, holder, task, now = Date.now) {
  if (!(await take(db, holder, now))) return null;
  const beat = setInterval(() => take(db, holder, now), LEASE_MS / 4);
  try {
    return await task();
  } finally {
    clearInterval(beat);
    await db.facts.where("key").equals("lease").and((lease) => lease.holder === holder).delete();
  }
}

// `locks`: navigator.locks or undefined (plain http, old browsers).
export function makeLock(db, holder, { locks = globalThis.navigator?.locks, now = Date.now } = {}) {
  if (!locks) return (task) => withLease(db, holder, task, now);
  return (task) => locks.request(`${db.name}-sender`, { ifAvailable: true }, (lock) => (lock ? task() : null));
}
