// One request to our own server, and what can go wrong with it, by kind.

// kind: "network" (try later), "server" (an answer, but no use: this one later, others now), "signed-out", "other" (another person is signed in), "file" (this file cannot pass).
export class Trouble extends Error {
  constructor(kind, why = "") {
    super(why || kind);
    this.kind = kind;
    this.why = why;
  }
}

async function json(response) {
  if ([304, 403].includes(response.status)) return null; // a refused token is answered with a page
  // A gateway that wants a sign-in of its own answers 200 with a page: that is no answer of ours.
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) throw new Trouble("network");
  return response.json().catch(() => { throw new Trouble("network"); });
}

async function attempt(fetch, path, options, wait) {
  const stop = typeof AbortController === "function" ? new AbortController() : null;
  const timer = setTimeout(() => stop?.abort(), wait);
  try {
    const response = await fetch(path, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: stop?.signal, ...options });
    return { status: response.status, body: await json(response), headers: response.headers };
  } catch (fault) {
    throw fault instanceof Trouble ? fault : new Trouble("network");
  } finally {
    clearTimeout(timer);
  }
}

// `session`: {csrf, person, renew()}; renew asks who is signed in and sets csrf. The token is the person's: after
// another person signed in, ours is refused with 403, and renew tells.
export function makeCall({ fetch, session, wait_ms: wait = 60_000 }) {
  const once = (path, options) => attempt(fetch, path, { ...options, headers: { ...options.headers, "X-CSRFToken": session.csrf } }, wait);
  return async function call(path, options, fine = []) {
    if (!session.csrf) await session.renew();
    let answer = await once(path, options);
    if (answer.status === 403) {
      await session.renew();
      answer = await once(path, options);
    }
    if (answer.status === 401) throw new Trouble("signed-out", answer.body?.why ?? "");
    if (answer.status !== 200 && !fine.includes(answer.status)) throw new Trouble("server", answer.body?.why ?? "");
    return answer;
  };
}
