// When the sender runs: after a record was kept, when the network comes back, when the page is looked at, and by a timer.
const EVERY_MS = 60_000;

// `sender`: makeSender. `tell({state, why})` after each run. Returns {kick, stop}.
export function startCourier(sender, tell, { now = Date.now } = {}) {
  let timer = null;
  let stopped = false;

  async function kick(options = {}) {
    clearTimeout(timer);
    if (stopped) return null;
    let ended = { state: "offline", why: "", next_at: null };
    try {
      if (options.all || navigator.onLine !== false) ended = await sender.run(options); // false is sure, true is not
    } catch (fault) {
      console.warn(fault); // the records lie in the database; the next run takes them up again
    }
    if (stopped) return null;
    const wait = ended.next_at === null ? EVERY_MS : Math.min(EVERY_MS, Math.max(500, ended.next_at - now()));
    clearTimeout(timer);
    timer = setTimeout(kick, ended.state === "idle" ? wait : Math.max(2000, wait));
    tell(ended);
    return ended;
  }

  const back = () => kick({ all: true });
  const seen = () => { if (document.visibilityState === "visible") kick(); };
  globalThis.addEventListener("online", back);
  document.addEventListener("visibilitychange", seen);
  return {
    kick,
    stop() {
      stopped = true;
      clearTimeout(timer);
      globalThis.removeEventListener("online", back);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
