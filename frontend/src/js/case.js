// The case page: lay after over before (Space), show only what people did.
const pair = document.querySelector("[data-pair]");
const button = document.querySelector("[data-overlay]");

function overlay() {
  if (!pair || pair.children.length < 2) return;
  const on = pair.toggleAttribute("data-over");
  button?.setAttribute("aria-pressed", on);
}
button?.addEventListener("click", overlay);
document.addEventListener("keydown", (e) => {
  if (e.key === " " && !e.target.closest("input, textarea, select, button, a")) { e.preventDefault(); overlay(); }
});

document.querySelector("[data-people]")?.addEventListener("click", (e) => {
  const only = e.currentTarget.getAttribute("aria-pressed") !== "true";
  e.currentTarget.setAttribute("aria-pressed", only);
  document.querySelectorAll(".cw-log > li[data-sub]").forEach((line) => { line.hidden = only; });
});

// A photo was taken in: the page shows it beside the first one, with what was checked, and the step it was needed for.
document.addEventListener("htmx:afterSwap", (e) => {
  if (e.detail.requestConfig?.path?.endsWith("/photos/") && e.detail.xhr.status < 300) location.reload();
});

// On a phone the chain of steps is wider than the window: the present step is the one to be seen.
const path = document.querySelector(".cw-path");
const present = path?.querySelector("[aria-current]");
if (present) path.scrollLeft = present.offsetLeft - path.offsetLeft - path.clientWidth / 2 + present.offsetWidth / 2;
