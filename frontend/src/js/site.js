// Keys, list selection, density: small helpers every page shares. No page needs them to work.
import "./forget.js";

// As the machine has it: the tokens follow by themselves, Tabler's own parts need the word.
const root = document.documentElement;
if (!root.dataset.bsTheme && matchMedia("(prefers-color-scheme: dark)").matches) root.dataset.bsTheme = "dark";

const typing = (e) => e.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const list = () => document.getElementById("list");
const rows = () => [...document.querySelectorAll("#list tbody tr")];
let at = -1;

function moveTo(index) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(index, all.length - 1));
  all.forEach((row, i) => row.toggleAttribute("data-at", i === at));
  all[at].scrollIntoView({ block: "nearest" });
}

function refreshBulk() {
  const bulk = document.getElementById("bulk");
  if (!bulk) return;
  const boxes = [...document.querySelectorAll('#rows input[name="row"]')];
  boxes.forEach((box) => box.closest("tr").setAttribute("aria-selected", box.checked));
  if (boxes.some((box) => box.checked)) {
    window.htmx.ajax("POST", bulk.dataset.url, { source: document.getElementById("rows"), target: "#bulk", swap: "innerHTML", select: "unset", push: "false" });
  } else bulk.replaceChildren();
}

let waiting;
document.addEventListener("change", (e) => {
  if (e.target.matches("[data-all]")) {
    document.querySelectorAll('#rows input[name="row"]').forEach((box) => { box.checked = e.target.checked; });
  } else if (!e.target.matches('#rows input[name="row"]')) return;
  clearTimeout(waiting);
  waiting = setTimeout(refreshBulk, 120);
});

document.addEventListener("click", (e) => {
  if (e.target.closest("[data-print]")) window.print();
  const density = e.target.closest("[data-density]");
  if (density) {
    document.cookie = `density=${density.dataset.density};path=/;max-age=31536000;samesite=lax`;
    document.querySelector(".cw-list")?.classList.toggle("cw-loose", density.dataset.density === "loose");
    document.querySelectorAll("[data-density]").forEach((b) => b.setAttribute("aria-pressed", b === density));
  }
  if (e.target.closest("[data-none]")) {
    e.preventDefault();
    document.querySelectorAll("#rows input[type=checkbox]").forEach((box) => { box.checked = false; });
    refreshBulk();
  }
  if (e.target.closest("[data-close]")) {
    const holder = e.target.closest("#step");
    if (holder && !document.querySelector("[data-alone]")) { e.preventDefault(); holder.replaceChildren(); }
  }
  // A choice list closes when one clicks elsewhere.
  document.querySelectorAll("details.cw-pick[open]").forEach((d) => { if (!d.contains(e.target)) d.open = false; });
});

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
  if (e.key === "Escape") {
    const open = document.querySelector("details.cw-pick[open]");
    if (open) { open.open = false; return; }
    const step = document.getElementById("step");
    if (step?.firstElementChild && !document.querySelector("[data-alone]")) { step.replaceChildren(); return; }
    if (typing(e)) { e.target.blur(); return; }
  }
  if (typing(e)) return;
  if (e.key === "/") { const find = document.querySelector(".cw-find input"); if (find) { e.preventDefault(); find.focus(); } return; }
  const keyed = document.querySelector(`[data-key="${CSS.escape(e.key.toLowerCase())}"]`);
  if (keyed) { e.preventDefault(); keyed.click(); return; }
  if (!list()) return;
  if (e.key === "j" || e.key === "J") moveTo(at + 1);
  else if (e.key === "k" || e.key === "K") moveTo(at - 1);
  else if (e.key === "x" || e.key === "X") rows()[at]?.querySelector("input[type=checkbox]")?.click();
  else if (e.key === "Enter" && at >= 0 && !e.target.closest("a, button")) rows()[at]?.querySelector("a")?.click();
});

document.addEventListener("htmx:afterSwap", (e) => {
  const place = e.detail.target ?? e.target; // a page brought back from history names no target
  if (place.id === "list") at = -1;
  place.querySelector?.("textarea, input:not([type=hidden]):not([type=checkbox]), select")?.focus({ preventScroll: true });
});
document.addEventListener("htmx:responseError", (e) => {
  if (e.detail.xhr.status < 500) return;
  let box = document.getElementById("broken");
  if (!box) { box = document.createElement("p"); box.id = "broken"; box.className = "cw-broken"; box.setAttribute("role", "alert"); document.body.append(box); }
  box.textContent = document.documentElement.lang === "en" ? "That did not take effect; nothing was changed. Try again." : "刚才的操作没有生效，数据没有改动。再试一次。";
});
