// A server in the page, for tests of the queue: keeps pieces and records by id as ours does. `plan(path, options)` may break
// a request: "cut" before it arrived, "lost" after it was done, a number for a bare status. `verdict(record)` may answer for it.
async () => {
const SERVER = (me) => {
  const server = { files: new Map(), records: new Map(), posts: 0, me, plan: () => null, verdict: () => null };
  const json = (body, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
  const hex = async (text) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))].map((b) => b.toString(16).padStart(2, "0")).join("");
  async function piece(path, options) {
    const uid = path.split("/")[3];
    const file = server.files.get(uid);
    if (options.method !== "POST") return file ? json({ received: file.bytes.length, done: file.done }) : json({ why: "no" }, 404);
    const [, a, b, total] = options.headers["Content-Range"].match(/bytes (\d+)-(\d+)\/(\d+)/).map(Number);
    const held = file ?? { bytes: [], done: false, total, sha: options.headers["X-Sha256"] };
    server.files.set(uid, held);
    if (a > held.bytes.length) return json({ received: held.bytes.length, done: false }, 409);
    held.bytes.push(...[...new Uint8Array(options.body)].slice(held.bytes.length - a));
    held.done = held.bytes.length === total;
    return json({ received: held.bytes.length, done: held.done });
  }
  async function take(record) {
    const verdict = server.verdict(record);
    if (verdict) return verdict;
    const wants = record.files.filter((file) => !server.files.get(file.uid)?.done).map((file) => file.uid);
    if (wants.length) return { uid: record.uid, status: "wants", wants };
    const status = server.records.has(record.uid) ? "again" : "kept";
    if (status === "kept") server.records.set(record.uid, JSON.stringify(record));
    return { uid: record.uid, status, receipt: { hash: await hex(record.uid), at: "2026-11-22T08:00:00Z" } };
  }
  server.fetch = async (path, options = {}) => {
    const broken = server.plan(path, options);
    if (broken === "cut") throw new TypeError("cut");
    if (typeof broken === "number") return json({ why: "broken" }, broken);
    const token = `token-${server.me}`;
    let answer;
    if (path === "/field/day.json") answer = server.me ? json({ me: { id: server.me }, csrf: token }) : json({ why: "out" }, 401);
    else if (!server.me) answer = json({ why: "out" }, 401);
    else if (options.headers["X-CSRFToken"] !== token) answer = new Response("<p>", { status: 403, headers: { "Content-Type": "text/html" } });
    else if (path.startsWith("/field/pieces/")) answer = await piece(path, options);
    else {
      server.posts += 1;
      const { records } = JSON.parse(options.body);
      const answers = [];
      for (const record of records) answers.push(await take(record));
      answer = json({ answers: answers.reverse() });
    }
    if (broken === "lost") throw new TypeError("lost");
    return answer;
  };
  return server;
};
const [db_, queue, lock, session, sender, sha] = await Promise.all(["db", "queue", "lock", "session", "sender", "sha256"].map((name) => import(`/static/js/field/${name}.js`)));
  Object.assign(window, { ...db_, ...queue, ...lock, ...session, ...sender, ...sha });
  window.server = SERVER(7);
  window.db = openDb("storm");
  window.clock = 1000;
  window.phone = (tab, person = 7, locks = navigator.locks) => makeSender({ db, session: makeSession(server.fetch, person), lock: makeLock(db, tab, { locks, now: () => clock }), fetch: server.fetch, now: () => clock, random: () => 0.5, piece: 4 });
  window.make = async (n, size = 10, person = 7) => {
    const draft = `d${n}`;
    const bytes = Uint8Array.from({ length: size }, (_, i) => i + n).buffer;
    if (size) await addFile(db, { person, draft, role: "found", item: n, type: "image/jpeg", bytes, sha256: await sha256(bytes) });
    return keepRecord(db, { person, kind: "visit", given: { n }, title: `r${n}`, draft: size ? draft : "" }, { now: () => clock });
  };
  window.states = async (person = 7) => (await outbox(db, person)).map((row) => row.state).sort().join(" ");
}
