// Photos: made smaller before they are sent, with the place and time they were taken at; forms marked data-photos send at once.
const EDGE = 2048;
const LIVE_MS = 5 * 60 * 1000; // a picture younger than this was taken here and now

export const isLive = (file) => Date.now() - file.lastModified < LIVE_MS;

// A picture taken now gets its place from the phone; an older one keeps its own EXIF and is sent as it is.
export async function shrink(file) {
  if (!isLive(file) || typeof createImageBitmap !== "function") return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size < 1_500_000) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg", lastModified: file.lastModified }) : file;
  } catch {
    return file; // what the browser cannot read the server judges
  }
}

// Resolves to the position or null; never rejects, never waits longer than ten seconds.
export function whereAmI() {
  return new Promise((done) => {
    if (!navigator.geolocation) return done(null);
    navigator.geolocation.getCurrentPosition((p) => done(p), () => done(null), { enableHighAccuracy: true, timeout: 10_000, maximumAge: 15_000 });
  });
}

// Writes a position into the form's hidden fields; browsers give WGS-84.
export function fillPlace(form, position) {
  if (!position) return false;
  form.elements.lon.value = position.coords.longitude.toFixed(7);
  form.elements.lat.value = position.coords.latitude.toFixed(7);
  form.elements.accuracy_m.value = Math.round(position.coords.accuracy);
  if (form.elements.datum) form.elements.datum.value = "wgs84";
  return true;
}

export const setFiles = (input, files) => {
  const bag = new DataTransfer();
  files.forEach((file) => bag.items.add(file));
  input.files = bag.files;
};

document.addEventListener("change", async (e) => {
  const form = e.target.closest("form[data-photos]");
  if (!form || e.target.type !== "file" || !e.target.files.length) return;
  const file = e.target.files[0];
  const live = isLive(file);
  form.elements.taken_at.value = live ? new Date(file.lastModified).toISOString() : "";
  const [small, position] = await Promise.all([shrink(file), live ? whereAmI() : null]);
  setFiles(e.target, [small]);
  fillPlace(form, position);
  form.requestSubmit();
});
