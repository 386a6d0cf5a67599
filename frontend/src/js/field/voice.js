// A voice note, where the browser can record; at most a minute.
const MOST_MS = 60_000;

export const canRecord = () => typeof MediaRecorder === "function" && Boolean(navigator.mediaDevices?.getUserMedia);

// Starts recording. Resolves to {stop(), whole: Promise<Blob>}; rejects when the phone forbids the microphone.
export async function record() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const parts = [];
  recorder.addEventListener("dataavailable", (e) => parts.push(e.data));
  const whole = new Promise((done) => {
    recorder.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      done(new Blob(parts, { type: (recorder.mimeType || "audio/webm").split(";")[0] }));
    }, { once: true });
  });
  const stop = () => { if (recorder.state !== "inactive") recorder.stop(); };
  recorder.start();
  setTimeout(stop, MOST_MS);
  return { stop, whole };
}
