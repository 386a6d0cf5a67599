// A half-filled page: written to the database at every tap, opened again after a dead battery, undone step by step.
const MOST_STEPS = 60;

export async function openDraft(db, person, key, blank) {
  const row = (await db.drafts.get([person, key])) ?? null;
  let given = row?.given ?? blank;
  const steps = [];
  let writing = Promise.resolve();
  let typed = null; // the field whose typing is one step

  function write() {
    const kept = { person, key, given: structuredCopy(given), changed_at: Date.now() };
    writing = writing.catch(() => {}).then(() => db.drafts.put(kept));
    return writing;
  }
  function remember() {
    steps.push(JSON.stringify(given));
    if (steps.length > MOST_STEPS) steps.shift();
  }

  return {
    key,
    why: row?.why ?? "",
    get given() { return given; },
    get canUndo() { return steps.length > 0; },
    get written() { return writing; },
    // One tap: `make(given)` changes it, and undo takes it back whole.
    change(make) {
      typed = null;
      remember();
      make(given);
      return write();
    },
    // Typing in one field is one step, however many letters.
    type(field, make) {
      if (typed !== field) remember();
      typed = field;
      make(given);
      return write();
    },
    undo() {
      typed = null;
      if (steps.length) given = JSON.parse(steps.pop());
      return write();
    },
    async files() {
      await writing;
      const rows = await db.files.where({ person, draft: key }).toArray();
      return rows.sort((a, b) => a.made_at - b.made_at);
    },
    // Before keeping: what was taken off for good goes now.
    async settle() {
      await writing;
      const off = given.dropped ?? [];
      if (off.length) await db.files.where({ person, draft: key }).and((file) => off.includes(file.uid)).delete();
    },
  };
}

const structuredCopy = (value) => JSON.parse(JSON.stringify(value));
