// The phone pages: one shell, hash addresses, everything from the database; the network only brings the day and takes the queue.
import { startCourier } from "./courier.js";
import { dropDay, fetchDay, forgetPerson, fetchEarlier, isStale, keptDay, lastPerson } from "./day.js";
import { isFull, newUid, openDb } from "./db.js";
import { h } from "./dom.js";
import { makeLock } from "./lock.js";
import { forgetReceipts, outbox, isUnsent, reopenRecord } from "./queue.js";
import { makeSender } from "./sender.js";
import { makeSession } from "./session.js";
import { restore } from "./spare.js";
import { freeBytes, newLoans } from "./shots.js";
import { pages } from "./pages.js";
import { t } from "./words.js";

const FEW_BYTES = 50_000_000;
const OLD_MS = 600_000; // a day looked at again after so long is asked for anew
const parts = Object.fromEntries(["bar", "say", "main", "foot", "tabs"].map((id) => [id, document.getElementById(id)]));
const ask = globalThis.fetch.bind(globalThis);

const app = {
  db: openDb(), person: null, day: null, online: navigator.onLine, earlier: { have: 0, all: 0 }, last: { state: "idle", why: "" },
  show, go, say, guard, kept, refresh, leave,
  send: (options) => app.courier?.kick(options),
};

// One line under the bar: what happened, and the way back from it.
function say(text, { bad = false, undo = null } = {}) {
  parts.say.className = bad ? "cw-line cw-bad" : "cw-line";
  parts.say.hidden = !text;
  parts.say.replaceChildren(text, undo ? h("button.cw-link.cw-right.cw-tap", { type: "button", onclick: undo }, t("撤销一步")) : "");
}

// Runs `work`; a full phone and any other fault is said where one looks, and nothing is dropped.
async function guard(work) {
  try {
    await work();
  } catch (fault) {
    console.warn(fault);
    say(isFull(fault) ? t("手机存储满了，这一条没有存下，内容还在页上。先到有网处送出，或清出空间，再存。") : t("没有存下（%(why)s），内容还在页上，再存一次。", { why: fault.message }), { bad: true });
  }
}

function kept(row) {
  const from = location.hash;
  const undo = async () => {
    if (await reopenRecord(app.db, row.uid)) { say(""); go(from); } else say(t("已经在送，不能撤销。"));
  };
  say(t("已存手机：%(what)s", { what: row.title }), { undo });
  app.courier.kick(); // goes when the time for taking it back is over
}

function go(hash) {
  sticky = !parts.say.hidden;
  if (location.hash === hash) moved();
  else location.hash = hash;
}

let sticky = false; // what kept() said stays over the change of page that follows
function moved() {
  if (!sticky) say("");
  sticky = false;
  show();
}

let turn = 0;
async function show() {
  const mine = ++turn;
  const giveBack = app.shown === location.hash ? () => {} : newLoans();
  const [, name = "", key = ""] = location.hash.replace(/^#/, "").split("?")[0].split("/");
  const page = app.day || (name === "outbox" && app.person) ? await (pages[name] ?? pages[""])(app, decodeURIComponent(key)) : await pages.none(app);
  if (mine !== turn) return;
  app.leaving?.();
  app.leaving = page.leave;
  document.title = `${page.title} · ${t("创文")}`;
  parts.bar.replaceChildren(page.isHome ? h("a", { href: "/" }, `‹ ${t("首页")}`) : h("a", { href: page.back ?? "#/" }, `‹ ${t("返回")}`), h("h1", {}, page.title), page.aside ?? "");
  parts.main.replaceChildren(...page.main.flat().filter((node) => node !== "" && node));
  giveBack();
  parts.foot.hidden = !page.foot;
  parts.tabs.hidden = Boolean(page.foot);
  parts.foot.replaceChildren(...(page.foot ?? []));
  for (const link of parts.tabs.querySelectorAll("a")) {
    if (link.dataset.tab === page.tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (app.shown !== location.hash) scrollTo(0, 0);
  app.shown = location.hash;
  document.body.dataset.ready = name || "today";
  await tellCount();
}

async function tellCount() {
  const count = app.person ? (await outbox(app.db, app.person.id)).filter(isUnsent).length : 0;
  parts.tabs.querySelector("[data-count]").textContent = count || "";
}

function take(day) {
  app.day = day;
  app.person = day?.data.me ?? app.person;
}

// The queue works for the person of the day; when another one signs in, his own is taken up.
function startQueue(csrf) {
  if (app.courier && app.session.person === app.person.id) {
    if (csrf) app.session.csrf = csrf;
    return;
  }
  app.courier?.stop();
  app.session = makeSession(ask, app.person.id, csrf);
  const lock = makeLock(app.db, newUid());
  app.courier = startCourier(makeSender({ db: app.db, session: app.session, lock, fetch: ask, onChange: tellCount }), (ended) => {
    const changed = app.last.state !== ended.state;
    app.last = ended;
    if (ended.state === "other" && changed) refresh();
    if (["today", "outbox"].includes(document.body.dataset.ready)) show();
    else if (changed && ended.state === "signed-out") say(t("登录已过期，登录后自动送。"), { bad: true });
  });
}

async function refresh(loud = false) {
  try {
    const before = app.day && app.person ? app.day : null;
    const { day, csrf } = await fetchDay(app.db, ask, before, loud);
    app.online = true;
    take(day);
    startQueue(csrf);
    await show();
    await fetchEarlier(app.db, ask, day, (earlier) => { app.earlier = earlier; if (document.body.dataset.ready === "today") show(); });
    app.courier.kick();
  } catch (fault) {
    if (!fault.kind) throw fault;
    app.online = false;
    app.last = { state: fault.kind === "signed-out" ? "signed-out" : "offline", why: fault.why };
    if (fault.kind === "signed-out" && app.day) say(t("登录已过期，登录后自动送。"), { bad: true });
    else if (loud) say(t("没有网，手机里的清单照用；有网再更新。"));
    await show();
  }
}

async function leave() {
  await app.courier?.stop();
  if (app.person) await forgetPerson(app.db, app.person.id);
  const form = h("form", { method: "post", action: "/accounts/logout/", hidden: true }, h("input", { type: "hidden", name: "csrfmiddlewaretoken", value: app.session?.csrf ?? "" }));
  document.body.append(form);
  form.submit();
}

// A tap that could not be written is no matter for the log only.
function unheard(e) {
  if (isFull(e.reason)) say(t("手机存储满了，刚才的没有存下。先到有网处送出，或清出空间，再点一次。"), { bad: true });
}

async function warnEarly() {
  if (!globalThis.isSecureContext) say(t("这个地址不是 https：没网时打不开本页，也不能取位置。打开着的页面照样先存后送。"));
  const free = await freeBytes();
  if (free !== null && free < FEW_BYTES) say(t("手机给本页的空间只剩 %(n)s MB，先到有网处把未送的送出。", { n: Math.floor(free / 1e6) }), { bad: true });
}

async function start() {
  await restore(app.db);
  app.person = await lastPerson(app.db);
  const day = app.person ? await keptDay(app.db, app.person) : null;
  if (day && isStale(day)) await dropDay(app.db, day.person);
  else if (day) {
    take(day);
    app.earlier = await app.db.earlier.where({ person: day.person }).count().then((n) => ({ have: n, all: n }));
    startQueue("");
    await show();
  }
  globalThis.addEventListener("unhandledrejection", unheard);
  globalThis.addEventListener("hashchange", moved);
  globalThis.addEventListener("online", () => { app.online = true; refresh(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible" && app.day && Date.now() - app.day.got_at > OLD_MS) refresh(); });
  globalThis.addEventListener("offline", () => { app.online = false; if (document.body.dataset.ready === "today") show(); });
  navigator.serviceWorker?.register("/field/sw.js", { scope: "/field/" }).catch((fault) => console.warn(fault));
  navigator.storage?.persist?.().catch(() => false);
  await forgetReceipts(app.db, Date.now());
  await warnEarly();
  await refresh();
}

start();
