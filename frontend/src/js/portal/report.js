// 随手拍: photos made small, place from the phone, kinds and near cases offered, the proof worked out while one types,
// and a sending that may fail or be tapped twice without losing or doubling anything. Without it the form works as well.
import { isLive, setFiles, whereAmI } from "../photos.js";

const EDGE = 1600;
const form = document.querySelector("form[data-report]");
const field = form.elements;
const say = form.dataset;
const find = (name) => form.querySelector(`[data-${name}]`);
const DRAFT = `draft ${location.pathname}`;
const KEPT = ["text", "address", "name", "lon", "lat", "accuracy_m", "join", "token"];
const pageToken = field.token.value; // the riddle of this page belongs to it
const status = (words) => { find("status").textContent = words; };

// The draft: an old phone drops the page while its camera is open. With the same token it stays the same message.
function keep() {
  const draft = Object.fromEntries(KEPT.filter((name) => field[name]).map((name) => [name, field[name].value]));
  try { sessionStorage.setItem(DRAFT, JSON.stringify(draft)); } catch { /* no room: nothing is kept */ }
}
function restore() {
  let draft = null;
  try { draft = JSON.parse(sessionStorage.getItem(DRAFT)); } catch { /* unreadable: begin anew */ }
  if (!draft || field.text.value) return;
  for (const name of KEPT) if (field[name] && draft[name]) field[name].value = draft[name];
}

// The proof, once per token.
let worked = null;
const bitsOf = (token) => { try { return JSON.parse(atob(token.split(":")[0].replace(/-/g, "+").replace(/_/g, "/"))).b; } catch { return Number(say.bits); } };
function work() {
  const token = field.token.value;
  if (worked?.token === token) return worked.done;
  const done = new Promise((resolve) => {
    try {
      const worker = new Worker(say.worker);
      worker.onmessage = (event) => { resolve(event.data); worker.terminate(); };
      worker.onerror = () => resolve("");
      worker.postMessage({ token, bits: bitsOf(token) });
    } catch { resolve(""); }
  });
  worked = { token, done };
  return done;
}

// Photos: smaller, shown, each can be taken away.
async function shrink(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size < 400_000) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg", lastModified: file.lastModified }) : file;
  } catch { return file; } // what the browser cannot read the server judges
}

let photos = [];
let shrinking = Promise.resolve();
function showPhotos() {
  setFiles(field.photo, photos);
  find("photos-shown").replaceChildren(...photos.map((file, i) => {
    const item = document.createElement("li");
    const image = new Image();
    const button = document.createElement("button");
    image.src = URL.createObjectURL(file);
    image.alt = `${say.wordsPhoto} ${i + 1}`;
    button.type = "button";
    button.className = "btn";
    button.textContent = say.wordsRemove;
    button.addEventListener("click", () => { photos = photos.filter((_, n) => n !== i); showPhotos(); field.photo.focus(); });
    item.append(image, button);
    return item;
  }));
}
async function added() {
  const fresh = [...field.photo.files];
  if (!fresh.length) return setFiles(field.photo, photos);
  const live = fresh.find(isLive);
  if (live) field.taken_at.value = new Date(live.lastModified).toISOString();
  const small = [];
  for (const file of fresh.slice(0, Number(field.photo.dataset.most) - photos.length)) small.push(await shrink(file));
  photos = [...photos, ...small];
  showPhotos();
  if (live && field.address && !field.lon.value) locate();
  return undefined;
}

// Place.
async function locate() {
  find("where").textContent = say.wordsFinding;
  const position = await whereAmI();
  if (!position) { find("where").textContent = say.wordsNowhere; return; }
  place(position.coords.longitude, position.coords.latitude, Math.round(position.coords.accuracy));
  find("where").textContent = say.wordsFound.replace("%s", Math.round(position.coords.accuracy));
}
function place(lon, lat, accuracy) {
  field.lon.value = lon.toFixed(7);
  field.lat.value = lat.toFixed(7);
  field.accuracy_m.value = accuracy ?? "";
  offer();
  keep();
}

// Kinds and near cases.
let asked = "";
async function offer() {
  const box = find("offers");
  const data = new FormData();
  for (const name of ["csrfmiddlewaretoken", "text", "lon", "lat", "site"]) if (field[name]?.value) data.set(name, field[name].value);
  const chosen = form.querySelector("[name=kind]:checked");
  if (chosen) data.set("kind", chosen.value);
  const key = [...data.values()].join();
  if (!box || key === asked || field.text.value.trim().length < 2) return;
  asked = key;
  const answer = await fetch(say.suggest, { method: "POST", body: data }).catch(() => null);
  if (answer?.status === 200 && key === asked) {
    box.innerHTML = await answer.text();
    box.querySelectorAll("[data-other]").forEach((button) => { button.hidden = false; });
  }
}
form.addEventListener("click", (e) => {
  const join = e.target.closest("[data-join]");
  if (join) {
    e.preventDefault();
    field.join.value = join.dataset.join;
    const told = find("joined");
    told.textContent = say.wordsJoin + join.dataset.what;
    told.hidden = false;
    form.querySelectorAll("[data-near]").forEach((one) => one.remove());
    if (!field.text.value.trim()) field.text.value = join.dataset.what;
    keep();
    told.scrollIntoView({ block: "nearest" });
  }
  e.target.closest("[data-other]")?.closest("[data-near]").remove();
});

// Sending.
function showFaults(answer) {
  const box = find("faults");
  box.replaceChildren(...Object.values(answer.faults).map((words) => Object.assign(document.createElement("p"), { textContent: words })));
  box.hidden = false;
  field.token.value = answer.token || field.token.value;
  if (answer.puzzle) { // so nothing was taken under another token
    field.token.value = pageToken;
    const riddle = form.querySelector("template[data-riddle]");
    if (riddle && !field.puzzle) find("send").before(riddle.content.cloneNode(true));
  }
  keep();
  box.focus();
}
let sending = false;
async function send() {
  if (sending) return;
  sending = true;
  find("send").disabled = true;
  status(say.wordsWorking);
  try {
    await shrinking;
    field.proof.value = await work();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Portal": "fetch" } });
    const told = await answer.json();
    if (told.to) {
      try { sessionStorage.removeItem(DRAFT); } catch { /* nothing was kept */ }
      location.assign(told.to);
      return;
    }
    status("");
    showFaults(told);
  } catch { status(say.wordsLost); }
  sending = false;
  find("send").disabled = false;
}

restore();
form.classList.add("cw-js");
let typing;
form.addEventListener("input", (e) => {
  if (e.target.type === "file") return;
  work();
  clearTimeout(typing);
  typing = setTimeout(() => { keep(); offer(); }, 500);
});
field.photo.addEventListener("change", () => { work(); shrinking = added(); });
form.addEventListener("submit", (e) => { e.preventDefault(); send(); });
addEventListener("pagehide", () => { if (field.text.value && !sending) keep(); });
if (find("locate")) {
  find("locate").hidden = false;
  find("here").addEventListener("click", locate);
  find("choose").addEventListener("click", async (e) => {
    const { choose } = await import(e.currentTarget.dataset.map);
    find("mapbox").hidden = false;
    const start = field.lon.value ? [Number(field.lon.value), Number(field.lat.value)] : null;
    const point = await choose(find("choose").dataset, find("mapbox"), start);
    find("mapbox").hidden = true;
    place(point.lng, point.lat, null);
    find("where").textContent = say.wordsSet;
  });
}
form.querySelectorAll("[data-other]").forEach((button) => { button.hidden = false; });
if (field.text.value) offer();
