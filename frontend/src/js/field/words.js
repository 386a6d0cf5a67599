// The page's words: message ids are Chinese and stand in the code; another language comes with the page as a table.
const holder = globalThis.document?.querySelector("[data-words]");
const table = JSON.parse(holder?.dataset.words || "{}");

// Words with places for values: "第 %(n)s 项" and {n: 3}.
export function t(message, given = {}) {
  return (table[message] ?? message).replace(/%\((\w+)\)s/g, (_, name) => given[name] ?? "");
}

const two = (n) => String(n).padStart(2, "0");
// 08:12 today, 11-16 08:12 on other days; the phone's own time.
export function clock(value) {
  const at = new Date(value);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === new Date().toDateString() ? time : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
export const megabytes = (bytes) => (bytes < 100_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
