// One file on its way, piece by piece: goes on from what was acknowledged, is told of a gap, starts anew when the hash was wrong.
import { Trouble } from "./call.js";

const STALLS = 4; // pieces without progress before we wait

function post(call, file, from, piece) {
  const part = file.bytes.slice(from, from + piece);
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Range": `bytes ${from}-${from + part.byteLength - 1}/${file.size}`,
    "X-Sha256": file.sha256,
  };
  return call(`/field/pieces/${file.uid}/`, { method: "POST", headers, body: part }, [409, 413, 422]);
}

// Resolves when the server has the whole file; raises Trouble ("file" when this file can never pass as it is).
export async function sendFile(db, call, file, piece) {
  let at = { received: file.received ?? 0, done: false };
  let stalls = 0;
  while (!at.done) {
    const from = Math.max(0, Math.min(at.received, file.size - 1)); // all bytes there but not done: the last one asks again
    const { status, body } = await post(call, file, from, piece);
    if (status === 413) throw new Trouble("file", body.why ?? "");
    if (status === 422 && !Number.isFinite(body.received)) throw new Trouble("file", body.why ?? "");
    stalls = status !== 200 || body.received <= at.received ? stalls + 1 : 0;
    if (stalls >= STALLS) throw new Trouble("server", body.why ?? "");
    at = body;
    await db.files.update(file.uid, { received: at.received });
  }
  await db.files.update(file.uid, { arrived: true });
}
