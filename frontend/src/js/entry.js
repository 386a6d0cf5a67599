// Quick entry: previews, place at the moment of the photo, hints while one types. The form works without any of it.
import { fillPlace, isLive, setFiles, shrink, whereAmI } from "./photos.js";

const form = document.querySelector("form[data-entry]");
const previews = form.querySelector("[data-previews]");
const place = form.querySelector("[data-place]");
const pickers = [...form.querySelectorAll("[data-pick]")];
const bag = document.createElement("input");
let files = [];
let waiting;
let asked = 0;

bag.type = "file";
bag.name = "photos";
bag.multiple = true;
bag.hidden = true;
form.append(bag);
pickers.forEach((input) => input.removeAttribute("name"));
form.querySelector("[data-locate-line]").hidden = !navigator.geolocation;

// "Back" from the receipt must not bring the id that was used already.
window.addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

async function askHints() {
  const turn = ++asked;
  const data = new FormData(form);
  data.delete("photos");
  const answer = await fetch("/report/suggest/", { method: "POST", body: data, headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const hints = document.getElementById("hints");
  const open = hints.querySelector("details")?.open;
  hints.innerHTML = await answer.text();
  if (open && hints.querySelector("details")) hints.querySelector("details").open = true;
}

function hintsSoon(wait = 400) {
  clearTimeout(waiting);
  waiting = setTimeout(askHints, wait);
}

async function locate() {
  place.textContent = place.dataset.busy;
  const position = await whereAmI();
  place.textContent = fillPlace(form, position) ? place.dataset.got.replace("±", `±${Math.round(position.coords.accuracy)}`) : place.dataset.none;
  hintsSoon(0);
}

function show(file) {
  const image = document.createElement("img");
  image.alt = file.name;
  image.src = URL.createObjectURL(file);
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "cw-drop";
  drop.append(image, "×");
  drop.setAttribute("aria-label", `× ${file.name}`);
  drop.addEventListener("click", () => {
    files = files.filter((f) => f !== file);
    setFiles(bag, files);
    URL.revokeObjectURL(image.src);
    drop.remove();
  });
  previews.prepend(drop);
}

form.addEventListener("change", async (e) => {
  if (e.target.matches("[data-pick]")) {
    const chosen = [...e.target.files];
    e.target.value = "";
    if (chosen.some(isLive)) {
      form.elements.taken_at.value = new Date(chosen.find(isLive).lastModified).toISOString();
      if (!form.elements.lon.value) locate();
    }
    for (const file of chosen) {
      const small = await shrink(file);
      files.push(small);
      show(small);
    }
    setFiles(bag, files);
  } else hintsSoon(0);
});
form.addEventListener("input", (e) => { if (e.target.matches("#what, #address, #lon, #lat")) hintsSoon(); });
form.querySelector("[data-locate]").addEventListener("click", locate);
