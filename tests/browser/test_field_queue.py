"""The phone's queue and sender against a server that loses, doubles and reorders answers; the modules alone, in Chromium."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETUP = (Path(__file__).parent / "queue_server.js").read_text()


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
    assert (
        page.evaluate("[...server.files.values()].map((f) => f.bytes.length + ' ' + f.done).join()")
        == "10 true"
    )
    assert page.evaluate("server.records.size") == 2


def test_lost_answers_and_cuts_lose_and_double_nothing(page):
    """Half of all requests break in one way or another, until all is there: each record once, each with a receipt."""
    ended = page.evaluate(
        """async () => {
          for (let n = 0; n < 30; n += 1) await make(n, n % 3 ? 0 : 11);
          let dice = 42;
          const ways = ["cut", "lost", 502, null, null, null];
          server.plan = () => { dice = (dice * 1103515245 + 12345) % 2147483648; return ways[Math.floor(dice / 65536) % ways.length]; };
          for (let turn = 0; turn < 200 && (await states()).includes("waiting"); turn += 1) {
            await phone("t" + turn).run();
            clock += 400000;
          }
          const whole = [...server.files.values()].every((f) => f.bytes.length === 11);
          return [await states(), server.records.size, await db.files.count(), whole];
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
    page.evaluate(
        "() => { server.verdict = (r) => ({ uid: r.uid, status: 'kept', receipt: { hash: 'short' } }); }"
    )
    page.evaluate("phone('a').run()")
    assert page.evaluate("states()") == "waiting"
    assert page.evaluate("db.files.count()") == 1
    page.evaluate(
        "() => { server.verdict = (r) => ({ uid: r.uid, status: 'refused', why: '第 3 项没有照片' }); }"
    )
    page.evaluate("phone('a').run({ all: true })")
    row = page.evaluate("outbox(db, 7).then((rows) => rows[0])")
    assert (row["state"], row["why"]) == ("refused", "第 3 项没有照片")
    assert page.evaluate("(uid) => reopenRecord(db, uid)", row["uid"]) is True
    assert page.evaluate("db.files.where({ person: 7, draft: 'd1' }).count()") == 1
    late = "(uid) => settle(db, { uid, status: 'kept', receipt: { hash: 'a'.repeat(64) } }, 7, 0)"
    assert page.evaluate(late, row["uid"]) == ""  # a late answer for what was opened again


def test_a_missing_file_is_sent_again_and_late_answers_change_nothing(page):
    page.evaluate("make(1)")
    page.evaluate(
        """() => {
          let once = true;
          server.verdict = (r) => {
            if (!once) return null;
            once = false;
            server.files.clear();
            return { uid: r.uid, status: "wants", wants: r.files.map((f) => f.uid) };
          };
        }"""
    )
    page.evaluate("phone('a').run()")
    assert page.evaluate("states()") == "kept"
    uid = page.evaluate("outbox(db, 7).then((rows) => rows[0].uid)")
    for answer in (
        "{ status: 'wants', wants: ['x'] }",
        "{ status: 'refused', why: 'no' }",
        "{ status: 'aside' }",
    ):
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
    page.evaluate(
        "server.me = 8"
    )  # somebody else signs in in another tab, while the page holds the old token
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


SPARE = 'const { lay, restore } = await import("/static/js/field/spare.js");'
COPIES = "(await (await caches.open('kept-' + db.name)).keys()).length"


def test_a_lost_database_gives_back_what_was_unsent(page):
    """As Chromium does once in a hundred kills: all of IndexedDB is gone, the second copy is not."""
    ended = page.evaluate(
        f"""async () => {{
          {SPARE}
          await make(1); await make(2, 0);
          const copies = {COPIES};
          await db.delete(); await db.open();
          const lost = await db.records.count();
          const back = [await restore(db), await restore(db), await db.files.count()];
          await phone("a").run({{ all: true }});
          const whole = [...server.files.values()].map((f) => f.bytes.length + " " + f.done).join();
          return [copies, lost, back, await states(), server.records.size, whole, await db.files.count(), {COPIES}];
        }}"""
    )
    assert ended == [3, 0, [2, 0, 1], "kept kept", 2, "10 true", 0, 0]


def test_a_copy_that_outlived_its_receipt_goes_or_is_harmless(page):
    ended = page.evaluate(
        f"""async () => {{
          {SPARE}
          const uid = await make(1);
          const row = await db.records.toCollection().first();
          await phone("a").run({{ all: true }});
          await lay(db, row); // killed between the receipt and the clearing
          const left = {COPIES};
          await restore(db);
          const cleared = {COPIES};
          await lay(db, row);
          await db.delete(); await db.open();
          const back = await restore(db);
          await phone("b").run({{ all: true }});
          return [left, cleared, back, await states(), server.records.size, {COPIES}];
        }}"""
    )
    assert ended == [1, 0, 1, "kept", 1, 0]
