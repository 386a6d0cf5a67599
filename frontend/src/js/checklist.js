// One checklist on the phone: counts what is answered, fills the rest, shows photos before they are sent. Works without.
import { fillPlace, isLive, setFiles, shrink, whereAmI } from "./photos.js";

const form = document.querySelector("form[data-checklist]");
if (form) {
  const count = document.querySelector("[data-count]");
  const asked = [...form.querySelectorAll(".cw-q")];
  const answered = () => asked.filter((q) => q.querySelector("input[type=radio]:checked"));
  const tell = () => { count.textContent = `${answered().length}/${asked.length}`; };
  let filled = [];

  // "Back" must not bring an id that was sent already.
  window.addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

  form.querySelector("[data-rest]").addEventListener("click", (e) => {
    e.preventDefault();
    if (filled.length) {
      filled.forEach((input) => { input.checked = false; });
      filled = [];
    } else {
      filled = asked.filter((q) => !q.querySelector("input[type=radio]:checked")).map((q) => q.querySelector("[data-right]")).filter(Boolean);
      filled.forEach((input) => { input.checked = true; });
    }
    e.target.setAttribute("aria-pressed", filled.length ? "true" : "false");
    tell();
  });

  form.addEventListener("change", async (e) => {
    tell();
    if (!e.target.matches("[data-photo]") || !e.target.files.length) return;
    const input = e.target;
    const [file] = input.files;
    if (isLive(file)) {
      form.elements.taken_at.value = new Date(file.lastModified).toISOString();
      if (!form.elements.lon.value) whereAmI().then((position) => fillPlace(form, position));
    }
    setFiles(input, [await shrink(file)]);
    const box = input.closest(".cw-photos");
    const image = document.createElement("img");
    image.alt = file.name;
    image.src = URL.createObjectURL(input.files[0]);
    box.querySelector("img")?.remove();
    box.prepend(image);
  });
  tell();
}
