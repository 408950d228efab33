// Signing out where something waits: it asks first, offers a file, and forgets only once the session is over.

import { download } from "./file.js";
import { noteOf } from "./kinds.js";
import { time } from "./notes.js";
import { user } from "./queue.js";
import { post } from "./send.js";
import * as store from "./store.js";
import { words } from "./waiting.js";

export async function leave(form) {
  const entries = await store.all();
  const mine = entries.filter((entry) => entry.user === user);
  // The answer clears this browser, unless it is told that something of somebody else lies here.
  if (mine.length < entries.length) form.append(keep());
  if (!mine.length) return submit(form);
  await words();
  ask(form, mine);
}

const keep = () => Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: "1" });
const submit = (form) => HTMLFormElement.prototype.submit.call(form);

function ask(form, mine) {
  const dialog = document.createElement("dialog");
  const unheard = () => (dialog.querySelector("[data-unheard]").hidden = false);
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "leave-title");
  dialog.append(
    noteOf("mixed", "leave", {
      count: mine.length,
      cancel: () => dialog.close(),
      download: () => download(mine),
      go: () => signOut(form).catch(unheard),
    }),
  );
  for (const { kind, title, changed, state } of mine) {
    const values = { title, time: time(changed), draft: state === "draft" };
    dialog.querySelector("ul").append(noteOf(kind, "leave-entry", values));
  }
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function signOut(form) {
  const outcome = await post(form.action, new FormData(form), "now");
  if (outcome.kind === "no-answer") throw new Error("no answer");
  if (outcome.kind !== "saved") return submit(form);
  for (const entry of await store.all()) if (entry.user === user) await store.remove(entry.submission_id);
  location.assign(outcome.to);
}
