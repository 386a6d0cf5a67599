// Slides of a pack: one fills the screen, keys turn them, the address keeps the place. Without it they stand one below another.
const main = document.querySelector("#slides");
const slides = [...main.querySelectorAll(".cw-slide")];
let at = 0;

function show(n, keep = true) {
  at = Math.min(Math.max(n, 0), slides.length - 1);
  slides.forEach((slide, i) => slide.toggleAttribute("data-at", i === at));
  if (keep) history.replaceState(null, "", `#p${at + 1}`);
  window.scrollTo(0, 0);
}

function fromAddress() {
  const found = slides.findIndex((slide) => `#${slide.id}` === location.hash);
  show(found < 0 ? 0 : found, false);
}

const KEYS = {
  ArrowRight: () => at + 1, ArrowDown: () => at + 1, PageDown: () => at + 1, " ": () => at + 1, Enter: () => at + 1,
  ArrowLeft: () => at - 1, ArrowUp: () => at - 1, PageUp: () => at - 1, Backspace: () => at - 1,
  Home: () => 0, End: () => slides.length - 1,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.closest("a")) return;
  if (event.key === "f" || event.key === "F") {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
    return;
  }
  if (event.key === "Escape" && !document.fullscreenElement) {
    location.assign(main.dataset.back);
    return;
  }
  const to = event.shiftKey && event.key === " " ? () => at - 1 : KEYS[event.key];
  if (!to) return;
  event.preventDefault();
  show(to());
});

// A click on nothing turns on; in the left fifth, back.
main.addEventListener("click", (event) => {
  if (event.target.closest("a") || getSelection().toString()) return;
  show(event.clientX < innerWidth / 5 ? at - 1 : at + 1);
});
addEventListener("hashchange", fromAddress);
document.body.dataset.live = "";
fromAddress();
