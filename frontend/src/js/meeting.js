// The tables of a meeting with the keyboard: Enter goes down a row of decisions and adds one at the end; 1–4 mark who came.
const rows = document.querySelector("form[data-rows]");
const came = document.querySelector("form[data-came]");

// An own id for a new row. crypto.randomUUID is missing where the page does not come by https, as in an office's own net.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function addRow(last) {
  const row = last.cloneNode(true);
  const id = newId();
  row.dataset.blank = "";
  row.querySelectorAll("input").forEach((box) => { box.value = box.name === "uid" ? id : ""; });
  row.querySelectorAll("button").forEach((button) => { button.value = id; });
  last.after(row);
  return row;
}

if (rows) {
  rows.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input")) return;
    event.preventDefault();
    const row = event.target.closest("tr");
    const typed = [...rows.querySelectorAll("tr")].filter((one) => one.querySelector("input[name=text]"));
    const next = typed[typed.indexOf(row) + 1] ?? addRow(row);
    next.querySelector("input[name=text]").focus();
  });
}

if (came) {
  const marks = { 1: "came", 2: "leave", 3: "absent" };
  const step = (row, key) => (key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling);
  came.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(row, event.key)?.focus();
    } else if (event.target === row && marks[event.key]) {
      event.preventDefault();
      row.querySelector(`input[value=${marks[event.key]}]`).checked = true;
      row.nextElementSibling?.focus();
    } else if (event.target === row && event.key === "4") {
      event.preventDefault();
      const box = row.querySelector("input[type=checkbox]");
      box.checked = !box.checked;
    }
  });
  const all = came.querySelector("[data-all]");
  all.hidden = false;
  all.addEventListener("click", () => {
    came.querySelectorAll("tr").forEach((row) => {
      if (!row.querySelector("input[type=radio]:checked")) row.querySelector("input[value=came]").checked = true;
    });
  });
}

// Ctrl+S saves the table one is in; the page's other tables are not touched.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form[data-rows], form[data-came], form[action$='/minutes/']");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button.btn-primary") ?? form.querySelector("button:not([type=button])"));
});
