// Hiding with one stroke: drag a rectangle, tap one on or off; with keys N adds, arrows move, Shift+arrows size, Delete removes.
// The list of ticks is what is sent; the drawing only shows and changes it.
const form = document.querySelector("form[data-mask]");
const canvas = form.querySelector("[data-canvas]");
const list = form.querySelector("[data-list]");
const LEAST = 8; // thousandths: a smaller stroke is a tap that slipped
const within = (value, low, high) => Math.min(high, Math.max(low, value));

const boxOf = (rect) => rect.dataset.box.split(",").slice(1).map(Number);
const tickOf = (rect) => [...list.querySelectorAll("input[name=box]")].find((tick) => tick.value === rect.dataset.box);
const rectOf = (tick) => [...canvas.querySelectorAll("rect")].find((rect) => rect.dataset.box === tick.value);

function paint(rect, [left, top, width, height]) {
  const tick = tickOf(rect);
  const box = `${rect.dataset.box.split(",")[0]},${left},${top},${width},${height}`;
  if (tick) tick.value = box;
  rect.dataset.box = box;
  rect.setAttribute("x", left);
  rect.setAttribute("y", top);
  rect.setAttribute("width", width);
  rect.setAttribute("height", height);
}

function toggle(rect, on = !rect.hasAttribute("data-on")) {
  rect.toggleAttribute("data-on", on);
  rect.setAttribute("aria-checked", on);
  const tick = tickOf(rect);
  if (tick) tick.checked = on;
}

function remove(rect) {
  if (!rect.hasAttribute("data-own")) { toggle(rect, false); return; }
  tickOf(rect)?.closest("li").remove();
  rect.remove();
}

function prepare(rect) {
  rect.setAttribute("tabindex", "0");
  rect.setAttribute("role", "checkbox");
  rect.setAttribute("aria-checked", rect.hasAttribute("data-on"));
  rect.setAttribute("aria-label", tickOf(rect)?.closest("label").textContent.trim() ?? form.dataset.label);
}

function add(box) {
  if (canvas.querySelectorAll("rect").length >= Number(form.dataset.most)) return null;
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  rect.dataset.box = "other,0,0,1,1";
  rect.setAttribute("data-own", "");
  rect.setAttribute("data-on", "");
  const item = document.createElement("li");
  const label = document.createElement("label");
  const tick = document.createElement("input");
  Object.assign(tick, { type: "checkbox", name: "box", className: "form-check-input", checked: true, value: rect.dataset.box });
  label.append(tick, ` ${form.dataset.label}`);
  item.append(label);
  list.append(item);
  canvas.append(rect);
  paint(rect, box);
  prepare(rect);
  form.querySelector("[data-nothing]")?.remove();
  return rect;
}

const pointOf = (event) => {
  const frame = canvas.getBoundingClientRect();
  return [within((event.clientX - frame.left) / frame.width, 0, 1) * 1000, within((event.clientY - frame.top) / frame.height, 0, 1) * 1000].map(Math.round);
};

let stroke = null;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  stroke = { from: pointOf(event), on: event.target.closest("rect"), rect: null };
});
canvas.addEventListener("pointermove", (event) => {
  if (!stroke) return;
  const to = pointOf(event);
  const [width, height] = [0, 1].map((i) => Math.abs(to[i] - stroke.from[i]));
  if (!stroke.rect && (width < LEAST || height < LEAST)) return;
  const box = [Math.min(to[0], stroke.from[0]), Math.min(to[1], stroke.from[1]), Math.max(1, width), Math.max(1, height)];
  stroke.rect ??= add(box);
  if (stroke.rect) paint(stroke.rect, box);
});
function end() {
  if (stroke && !stroke.rect && stroke.on) toggle(stroke.on);
  stroke = null;
}
canvas.addEventListener("pointerup", end);
canvas.addEventListener("pointercancel", () => { stroke = null; });

list.addEventListener("change", (event) => { const rect = rectOf(event.target); if (rect) toggle(rect, event.target.checked); });

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
canvas.addEventListener("keydown", (event) => {
  const rect = event.target.closest("rect");
  if (!rect) return;
  const move = MOVES[event.key];
  if (event.key === " " || event.key === "Enter") toggle(rect);
  else if (event.key === "Delete" || event.key === "Backspace") remove(rect);
  else if (move && rect.hasAttribute("data-own")) {
    const [left, top, width, height] = boxOf(rect);
    const by = move.map((n) => n * 10);
    if (event.shiftKey) paint(rect, [left, top, within(width + by[0], 1, 1000 - left), within(height + by[1], 1, 1000 - top)]);
    else paint(rect, [within(left + by[0], 0, 1000 - width), within(top + by[1], 0, 1000 - height), width, height]);
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

function addInTheMiddle() { add([450, 450, 100, 100])?.focus(); }
form.querySelector("[data-new]").addEventListener("click", addInTheMiddle);
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea")) return;
  event.preventDefault();
  addInTheMiddle();
});
form.querySelectorAll("[data-new], [data-keys]").forEach((part) => { part.hidden = false; });
canvas.querySelectorAll("rect").forEach(prepare);
form.dataset.ready = "1";
