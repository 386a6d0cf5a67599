// Keeps the frame and the scripts of one release, so that the phone pages open without network. VERSION and FILES come
// from /field/sw.js. No answer that belongs to a person is kept here: the day lies in the page's own database.
/* global VERSION, FILES */
const CACHE = `field-${VERSION}`;
const SHELL = "/field/";
const PATIENCE_MS = 3000; // a bad network is as good as none

const isShell = (answer) => answer?.ok && answer.type === "basic" && !answer.redirected && answer.headers.get("X-Field-Version") === VERSION;

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((url) => new Request(url, { cache: "reload" })));
  const shell = await fetch(SHELL, { credentials: "same-origin", redirect: "manual", cache: "reload" });
  if (isShell(shell)) await cache.put(SHELL, shell);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("field-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

// The network's frame when it is quick (another language, another look), the kept one when it is not, or when the
// session has ended: the page itself says so, and what is unsent stays in sight.
async function shell(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(SHELL);
  const asked = fetch(request).catch(() => null);
  const answer = await Promise.race([asked, kept ? new Promise((done) => { setTimeout(done, PATIENCE_MS); }) : asked]);
  if (isShell(answer)) await cache.put(SHELL, answer.clone());
  if (answer?.ok) return answer;
  return kept ?? (await asked) ?? Response.error();
}

const file = async (request) => (await (await caches.open(CACHE)).match(request)) ?? fetch(request);

self.addEventListener("install", (e) => e.waitUntil(install()));
self.addEventListener("activate", (e) => e.waitUntil(activate()));
self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (e.request.mode === "navigate" && url.pathname === SHELL) e.respondWith(shell(e.request));
  else if (FILES.includes(url.pathname)) e.respondWith(file(e.request));
});
