// A second copy of what is unsent, outside IndexedDB: a browser that is killed may lose that whole (decision 0026).
// Cache Storage is used as a box of named bytes; nothing of it is ever fetched. Where there is none (plain http) there
// is no second copy, and where it is full the first one stands alone, as before.
const BOX = (db) => `kept-${db.name}`; // not one of the worker's "field-…", which go with each release
const recordAt = (uid) => `/field/kept/record/${uid}`;
const fileAt = (uid) => `/field/kept/file/${uid}`;
const ROW = "x-row";

const box = (db) => (globalThis.caches ? caches.open(BOX(db)) : null);

// Lays a kept record and its files beside; resolves when they lie there, or when there is no room or no box.
export async function lay(db, row) {
  try {
    const cache = await box(db);
    if (!cache) return;
    for (const file of await db.files.where({ person: row.person, record: row.uid }).toArray()) {
      const { bytes, ...rest } = file;
      await cache.put(fileAt(file.uid), new Response(bytes, { headers: { [ROW]: encodeURIComponent(JSON.stringify(rest)) } }));
    }
    await cache.put(recordAt(row.uid), Response.json({ ...row, half: null })); // last: a copy with its record is whole
  } catch (fault) {
    console.warn("no second copy", fault);
  }
}

// Takes a copy away: the server has it, or its page is being filled in again.
export async function clear(db, row) {
  const cache = await box(db);
  if (!cache) return;
  await cache.delete(recordAt(row.uid)); // first: files without a record are never put back
  for (const file of row.files ?? []) await cache.delete(fileAt(file.uid));
}

async function filesOf(cache, row) {
  const found = [];
  for (const { uid } of row.files) {
    const kept = await cache.match(fileAt(uid));
    if (!kept) continue;
    const rest = JSON.parse(decodeURIComponent(kept.headers.get(ROW)));
    found.push({ ...rest, arrived: false, received: 0, bytes: await kept.arrayBuffer() });
  }
  return found;
}

// Puts back what IndexedDB misses, and forgets copies of what has its receipt. Resolves to how many records came back.
export async function restore(db) {
  const cache = await box(db);
  if (!cache) return 0;
  let back = 0;
  for (const request of await cache.keys()) {
    if (!new URL(request.url).pathname.startsWith(recordAt(""))) continue;
    const answer = await cache.match(request);
    if (!answer) continue; // settled by another page meanwhile
    const row = await answer.json();
    const known = await db.records.get(row.uid);
    if (known?.receipt) {
      await clear(db, row);
    } else if (!known) {
      const files = await filesOf(cache, row);
      await db.transaction("rw", [db.records, db.files], async () => {
        if (await db.records.get(row.uid)) return;
        await db.files.bulkPut(files);
        await db.records.add({ ...row, state: "waiting", tries: Math.max(1, row.tries), next_at: 0 }); // not taken back: it may have gone out
        back += 1;
      });
    }
  }
  return back;
}
