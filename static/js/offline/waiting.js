// What waits on this device, told on every page of whom it belongs to, and sent from there.

import { address, asked } from "./draft.js";
import { asText, download } from "./file.js";
import { noteOf } from "./kinds.js";
import { note, tell, time } from "./notes.js";
import { news, run, user } from "./queue.js";
import * as store from "./store.js";

/** Browsers may clear what a site has kept and nobody has looked at for a week. */
const OLD = 5 * 24 * 3600 * 1000;

const region = document.createElement("div");
region.setAttribute("role", "status");
document.getElementById("main").prepend(region);

/** The submission of the form on this page, which speaks for itself. */
const here = () => document.querySelector("form[data-offline] [name=submission_id]")?.value;

const sent = [];
let last;

/** Have the words here: pages where nothing waits do without them. */
export async function words() {
  if (document.querySelector('template[data-note="unsent"]')) return;
  const answer = await fetch("/unsent");
  if (!answer.ok || answer.redirected) throw new Error("no words");
  document.body.insertAdjacentHTML("beforeend", await answer.text());
}

async function draw() {
  await words();
  const entries = await store.all();
  const mine = entries.filter((entry) => entry.user === user && entry.submission_id !== here());
  const unsent = mine.filter(({ state }) => state === "unsent");
  const parts = document.createDocumentFragment();
  parts.append(...sent.map(({ kind, ...values }) => noteOf(kind, "sent", values)));
  if (unsent.length) {
    const { kind } = unsent[0];
    parts.append(
      noteOf(unsent.every((other) => other.kind === kind) ? kind : "mixed", "unsent", {
        count: unsent.length,
        send: run,
        silent: last === "no-answer",
        "sign-in": last === "signed-out" && `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`,
        old: Date.now() - Date.parse(unsent[0].made_at) > OLD,
        download: () => download(unsent),
      }),
    );
  }
  // The page whose form it was has none any more: its record is closed, or gone.
  const stray = here() ? null : await asked();
  for (const entry of mine.filter(({ state }) => state === "draft")) {
    const isStray = entry.submission_id === stray?.submission_id;
    if (!isStray && !entry.refused) continue;
    const drop = () => store.remove(entry.submission_id).then(draw);
    const values = { title: entry.title, time: time(entry.changed), open: address(entry), text: asText(entry) };
    const name = isStray ? "no-form" : "refused-elsewhere";
    parts.append(noteOf(entry.kind, name, { ...values, drop, download: () => download([entry]) }));
  }
  if (entries.some((entry) => entry.user !== user && entry.state === "unsent")) parts.append(note("others"));
  tell(region, parts.childElementCount ? parts : null);
}

news.addEventListener("answer", ({ detail: { entry, outcome } }) => {
  last = outcome.kind;
  if (outcome.kind === "saved" && entry.submission_id !== here()) {
    sent.push({ kind: entry.kind, said: outcome.said?.[0], to: outcome.to });
  }
  draw().catch(() => {});
});
news.addEventListener("opened", () => draw().catch(() => {}));
draw().catch(() => {});
run();
