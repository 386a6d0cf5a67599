"""A phone of the storm: a Chromium of its own with a profile on disk, that can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.browser_fixtures import ARGS
from tests.storm.fault_proxy import Network

# The phone's own modules do the work; this only calls them, as its pages do.
DRIVER = """async ([name, person, wait]) => {
  const [{ openDb }, queue, { makeSender }, { makeSession }, { makeLock }, { restore }] = await Promise.all(
    ["db", "queue", "sender", "session", "lock", "spare"].map((one) => import(`/static/js/field/${one}.js`)));
  const db = openDb(name);
  await restore(db);
  const session = makeSession(globalThis.fetch.bind(globalThis), person, globalThis.session?.csrf ?? "");
  globalThis.session = session;
  const ask = globalThis.fetch.bind(globalThis);
  const lock = makeLock(db, crypto.randomUUID());
  const sender = makeSender({ db, session, lock, fetch: ask, piece: 600, wait_ms: wait });
  globalThis.storm = {
    async keep({ uid, kind, given, draft, files }) {
      for (const file of files) {
        const bytes = Uint8Array.from(atob(file.bytes), (c) => c.charCodeAt(0)).buffer;
        const { uid: id, role, item, sha256 } = file;
        await db.files.add({ uid: id, record: "", arrived: false, begun: false, size: bytes.byteLength, made_at: Date.now(), person, draft,
          role, item, bytes, sha256, taken_at: new Date().toISOString(), lon: 113, lat: 34.76, datum: "wgs84", accuracy_m: 5 });
      }
      return (await queue.keepRecord(db, { person, kind, given, draft: files.length ? draft : "" }, { uid })).uid;
    },
    run: () => sender.run({ all: true }).catch((fault) => ({ state: "failed", why: String(fault) })),
    rows: async () => (await db.records.toArray()).map(({ uid, state, receipt, why }) => ({ uid, state, receipt, why })),
    files: () => db.files.count(),
    drop: async (draft) => { await db.files.where({ person, draft }).delete(); },
  };
  return true;
}"""


class Phone:
    """`engine` is Playwright's; `cookies` sign the person in; the profile lies in `folder`."""

    def __init__(
        self, engine: Any, network: Network, folder: Path, person: Any, cookies: list[dict[str, Any]]
    ) -> None:
        self.engine, self.network, self.folder, self.person, self.cookies = (
            engine,
            network,
            folder,
            person,
            cookies,
        )
        self.kills = 0
        self.start()

    def start(self) -> None:
        (self.folder / "DevToolsActivePort").unlink(missing_ok=True)
        path = os.environ["CHUANGWEN_CHROMIUM"]
        more = [
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={self.folder}",
            "about:blank",
        ]
        self.process = subprocess.Popen(
            [path, *ARGS, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.browser = self.engine.connect_over_cdp(f"http://127.0.0.1:{self._port()}")
        self.context = self.browser.contexts[0]
        self.context.add_cookies(self.cookies)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.goto(self.network.url + "/static/js/field/words.js")

    def _port(self) -> int:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(OSError, ValueError, IndexError):
                return int((self.folder / "DevToolsActivePort").read_text().split()[0])
            time.sleep(0.02)
        raise AssertionError("Chromium did not start")

    def open(self, name: str, wait_ms: int) -> None:
        """Opens the phone's database of this name, as a page does that is opened (again)."""
        self.page.evaluate(DRIVER, [name, self.person.pk, wait_ms])

    def keep(self, record: dict[str, Any]) -> str:
        return str(self.page.evaluate("(one) => storm.keep(one)", record))

    def begin(self, script: str, argument: Any = None) -> None:
        """Starts something and does not wait for it."""
        self.page.evaluate(f"(one) => {{ globalThis.going = {script}; }}", argument)

    def end(self) -> Any:
        return self.page.evaluate("() => globalThis.going ?? null")

    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["uid"]: row for row in self.page.evaluate("() => storm.rows()")}

    def kill(self) -> None:
        """As a battery that dies: no word to any process of the browser."""
        self.kills += 1
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(Exception):
            self.browser.close()
        self.start()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.browser.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
