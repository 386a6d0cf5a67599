// Who is signed in, asked of the server; the token that goes with every request belongs to that person.
import { Trouble } from "./call.js";

// Asks for the day; `always`: also where the browser thinks there is no network. Resolves to {data} or, when nothing changed, {data: null}; raises Trouble "signed-out" or "network".
export async function askDay(fetch, etag = "", always = false) {
  const headers = etag ? { "If-None-Match": etag } : {};
  let response;
  if (!always && globalThis.navigator?.onLine === false) throw new Trouble("network"); // false is sure, true is not
  try {
    response = await fetch("/field/day.json", { credentials: "same-origin", redirect: "manual", headers });
  } catch {
    throw new Trouble("network");
  }
  if (response.status === 304) return { data: null, etag };
  const body = await response.json().catch(() => null);
  if (response.status === 401) throw new Trouble("signed-out", body?.why ?? "");
  if (!body?.me) throw new Trouble("network");
  return { data: body, etag: response.headers.get("ETag") ?? "" };
}

// A session for the sender: `person` is whose records go out; renew fails when somebody else is signed in.
export function makeSession(fetch, person, csrf = "") {
  const session = {
    person,
    csrf,
    async renew() {
      const { data } = await askDay(fetch, "", true);
      if (data.me.id !== session.person) throw new Trouble("other");
      session.csrf = data.csrf;
    },
  };
  return session;
}
