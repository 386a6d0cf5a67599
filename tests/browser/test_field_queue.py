"""The phone's queue and sender against a server that loses, doubles and reorders answers; the modules alone, in Chromium."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A server in the page: keeps pieces and records by id as ours does. `plan(path, options)` may break a request:
# "cut" before it arrived, "lost" after it was done, a number for a bare status.
SERVER = """
(me) => {
  const server = { files: new Map(), records: new Map(), posts: 0, me, plan: () => null, verdict: () => null };
  const json = (body, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
  const hex = async (text) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))].map((b) => b.toString(16).padStart(2, "0")).join("");
  async function piece(path, options) {
    const uid = path.split("/")[3];
    const file = server.files.get(uid);
    if (options.method !== "POST") return file ? json({ received: file.bytes.length, done: file.done }) : json({ why: "no" }, 404);
    const [, a, b, total] = options.headers["Content-Range"].match(/bytes (\\d+)-(\\d+)\\/(\\d+)/).map(Number);
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
}
"""
SETUP = """
async () => {
  const [db_, queue, lock, session, sender, sha] = await Promise.all(["db", "queue", "lock", "session", "sender", "sha256"].map((name) => import(`/static/js/field/${name}.js`)));
  Object.assign(window, { ...db_, ...queue, ...lock, ...session, ...sender, ...sha });
  window.server = (SERVER)(7);
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
""".replace("SERVER", SERVER.strip())


@pytest.fixture
def page(chromium: Any, live_server: Any) -> Any:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(live_server.url + "/healthz")
    page.evaluate(SETUP)
    yield page
    context.close()


def test_files_go_in_pieces_and_bytes_go_only_with_a_receipt(page):
    page.evaluate("make(1)")
    page.evaluate("make(2, 0)")
    assert page.evaluate("phone('a').run()") == {"state": "idle", "why": "", "next_at": None}
    assert page.evaluate("states()") == "kept kept"
    assert page.evaluate("db.files.count()") == 0
    assert page.evaluate("[...server.files.values()].map((f) => f.bytes.length + ' ' + f.done).join()") == "10 true"
    assert page.evaluate("server.records.size") == 2


def test_lost_answers_and_cuts_lose_and_double_nothing(page):
    """Half of all requests break in one way or another, until all is there: each record once, each with a receipt."""
    ended = page.evaluate(
        """async () => {
          for (let n = 0; n < 30; n += 1) await make(n, n % 3 ? 0 : 11);
          let dice = 42;
          const ways = ["cut", "lost", 502, null, null, null];
          server.plan = () => { dice = (dice * 1103515245 + 12345) % 2147483648; return ways[Math.floor(dice / 65536) % ways.length]; };
          for (let turn = 0; turn < 200 && (await states()).includes("waiting"); turn += 1) { await phone("t" + turn).run(); clock += 400000; }
          return [await states(), server.records.size, await db.files.count(), [...server.files.values()].every((f) => f.bytes.length === 11)];
        }"""
    )
    assert ended == [" ".join(["kept"] * 30), 30, 0, True]


def test_two_tabs_send_once_with_and_without_the_browsers_locks(page):
    page.evaluate("make(1)")
    ended = page.evaluate("Promise.all([phone('a').run(), phone('b').run()])")
    assert sorted(one["state"] for one in ended) == ["busy", "idle"]
    page.evaluate("make(2)")
    ended = page.evaluate("Promise.all([phone('a', 7, null).run(), phone('b', 7, null).run()])")
    assert sorted(one["state"] for one in ended) == ["busy", "idle"]
    assert page.evaluate("states()") == "kept kept"
    assert page.evaluate("db.facts.get('lease').then((row) => row === undefined)")


def test_what_has_no_proper_receipt_stays(page):
    page.evaluate("make(1)")
    page.evaluate("() => { server.verdict = (r) => ({ uid: r.uid, status: 'kept', receipt: { hash: 'short' } }); }")
    page.evaluate("phone('a').run()")
    assert page.evaluate("states()") == "waiting"
    assert page.evaluate("db.files.count()") == 1
    page.evaluate("() => { server.verdict = (r) => ({ uid: r.uid, status: 'refused', why: '第 3 项没有照片' }); }")
    page.evaluate("phone('a').run({ all: true })")
    row = page.evaluate("outbox(db, 7).then((rows) => rows[0])")
    assert (row["state"], row["why"]) == ("refused", "第 3 项没有照片")
    assert page.evaluate("reopenRecord(db, '%s')" % row["uid"]) is True
    assert page.evaluate("db.files.where({ person: 7, draft: 'd1' }).count()") == 1
    late = "settle(db, { uid: '%s', status: 'kept', receipt: { hash: 'a'.repeat(64) } }, 7, 0)" % row["uid"]
    assert page.evaluate(late) == ""  # a late answer for what was opened again


def test_a_missing_file_is_sent_again_and_late_answers_change_nothing(page):
    page.evaluate("make(1)")
    page.evaluate(
        "() => { let once = true; server.verdict = (r) => { if (!once) return null; once = false; server.files.clear(); return { uid: r.uid, status: 'wants', wants: r.files.map((f) => f.uid) }; }; }"
    )
    page.evaluate("phone('a').run()")
    assert page.evaluate("states()") == "kept"
    uid = page.evaluate("outbox(db, 7).then((rows) => rows[0].uid)")
    for answer in ("{ status: 'wants', wants: ['x'] }", "{ status: 'refused', why: 'no' }", "{ status: 'aside' }"):
        assert page.evaluate(f"settle(db, {{ uid: '{uid}', ...{answer} }}, 7, 0)") == ""
    assert page.evaluate("states()") == "kept"


def test_records_go_only_with_their_person(page):
    page.evaluate("make(1)")
    page.evaluate("server.me = 8")
    assert page.evaluate("phone('a').run()")["state"] == "other"
    assert page.evaluate("server.records.size") == 0
    page.evaluate("server.me = 0")
    assert page.evaluate("phone('a').run({ all: true })")["state"] == "signed-out"
    page.evaluate("server.me = 7")
    page.evaluate("window.mine = phone('a')")
    page.evaluate("make(2)")
    page.evaluate("mine.run({ all: true })")
    page.evaluate("server.me = 8")  # somebody else signs in in another tab, while the page holds the old token
    page.evaluate("make(3)")
    assert page.evaluate("mine.run({ all: true })")["state"] == "other"
    assert page.evaluate("[states(), server.records.size].length") == 2
    assert page.evaluate("server.records.size") == 2


def test_one_bad_record_harms_no_other(page):
    ended = page.evaluate(
        """async () => {
          for (let n = 0; n < 5; n += 1) await make(n, 0);
          const bad = (await outbox(db, 7))[2].uid;
          server.plan = (path, options) => (path === "/field/send/" && options.body.includes(bad) ? 500 : null);
          await phone("a").run();
          return [await states(), (await outbox(db, 7))[0].uid === bad];
        }"""
    )
    assert ended == ["kept kept kept kept waiting", True]


def test_waits_grow_to_five_minutes(page):
    waits = page.evaluate("[1, 2, 3, 20].map((n) => [pause(n, () => 0), pause(n, () => 1)])")
    assert waits == [[1000, 3000], [2000, 6000], [4000, 12000], [150000, 450000]]


@pytest.mark.parametrize("size", [0, 1, 55, 56, 64, 119, 120, 5000])
def test_own_sha256_agrees(page, size):
    data = bytes((i * 7 + size) % 256 for i in range(size))
    script = "(list) => Promise.all([sha256(Uint8Array.from(list)), sha256Slow(Uint8Array.from(list))])"
    assert page.evaluate(script, list(data)) == [hashlib.sha256(data).hexdigest()] * 2
