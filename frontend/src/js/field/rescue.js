// The last rescue: what is unsent as one file, with the bytes of its photos, for a person to carry.
import { isUnsent, outbox } from "./queue.js";

function base64(buffer) {
  let text = "";
  const bytes = new Uint8Array(buffer);
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

// {format, person, made_at, records: [{uid, kind, at, given, title, files: [{…facts, bytes: base64}]}]}
export async function unsentAsFile(db, person) {
  const records = [];
  for (const row of (await outbox(db, person.id)).filter(isUnsent)) {
    const files = await db.files.where({ person: person.id, record: row.uid }).toArray();
    const { uid, kind, at, given, title, why } = row;
    records.push({ uid, kind, at, given, title, why, files: files.map((file) => ({ ...file, bytes: base64(file.bytes) })) });
  }
  return { format: "chuangwen-field-1", person: person.id, name: person.name, made_at: new Date().toISOString(), records };
}

export async function exportUnsent(db, person) {
  const blob = new Blob([JSON.stringify(await unsentAsFile(db, person))], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `chuangwen-${person.id}-${new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-")}.json`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
