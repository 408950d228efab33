// What was typed on this device and the server does not have yet, in IndexedDB.
//
// An entry: { submission_id, user, kind, route, page, version, fields: [[name, value] …],
//             words: [[label, text] …], made_at, changed, state: "draft" | "unsent", refused }
// It is posted to `route`, and opens again on `page`.
// Only what is "unsent" is ever sent. Every function rejects where the browser keeps nothing (private windows).

const NAME = "pentahelix";
const ENTRIES = "entries";

/** Tells pages, without asking the database, that it holds something. */
const FLAG = "phx-kept";

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(ENTRIES, { keyPath: "submission_id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

// Opened for each piece of work: a connection that stays open keeps pages out of the browser's Back cache.
async function work(mode, act) {
  const database = await open();
  try {
    return await run(database, mode, act);
  } finally {
    if (mode === "readwrite") raise(await run(database, "readonly", (entries) => entries.count()));
    database.close();
  }
}

function run(database, mode, act) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(ENTRIES, mode, { durability: "strict" });
    const asked = act(transaction.objectStore(ENTRIES));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

function raise(count) {
  if (count) localStorage.setItem(FLAG, count);
  else localStorage.removeItem(FLAG);
}

export const put = (entry) => work("readwrite", (entries) => entries.put(entry));
export const get = (id) => work("readonly", (entries) => entries.get(id));
export const remove = (id) => work("readwrite", (entries) => entries.delete(id));

/** Everybody's, oldest first. */
export async function all() {
  const entries = await work("readonly", (store) => store.getAll());
  return entries.sort((a, b) => a.made_at.localeCompare(b.made_at));
}

/** Put `next`, or nothing, in the place of `entry` if that still stands there; whether something newer does. */
export async function replace(entry, next) {
  const stood = await work("readwrite", (entries) => {
    const asked = entries.get(entry.submission_id);
    asked.onsuccess = () => {
      if (asked.result?.changed !== entry.changed) return;
      if (next) entries.put(next);
      else entries.delete(entry.submission_id);
    };
    return asked;
  });
  return Boolean(stood) && stood.changed !== entry.changed;
}
