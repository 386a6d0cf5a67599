// Signing out takes the day of the phone pages off this phone. Records that were not sent stay, tied to their person.
const NAME = "chuangwen-field"; // of field/db.js; opened plainly here, so that no page but those loads the library

function open() {
  return new Promise((done) => {
    const asked = indexedDB.open(NAME);
    asked.onupgradeneeded = () => asked.transaction.abort(); // there was none: none is made
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => done(null);
  });
}

export async function forgetDay() {
  const db = await open();
  if (!db) return;
  await new Promise((done) => {
    const work = db.transaction(["days", "earlier", "facts"], "readwrite");
    work.objectStore("days").clear();
    work.objectStore("earlier").clear();
    work.objectStore("facts").delete("me");
    work.oncomplete = done;
    work.onabort = done;
  });
  db.close();
}

document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.action?.endsWith("/accounts/logout/") || !globalThis.indexedDB) return;
  e.preventDefault();
  await Promise.race([forgetDay(), new Promise((done) => { setTimeout(done, 1500); })]).catch(() => {});
  form.submit();
});
