// A form that outlives its page: kept while it is filled in, sent by script, and sent again until the server has it.

import { wake } from "../enhance.js";
import { carry } from "./carry.js";
import { Draft, address, arrival, asked, page } from "./draft.js";
import { note, tell, time } from "./notes.js";
import { awaited, deliver, later, news, run, user } from "./queue.js";
import * as store from "./store.js";

/** `restore(entry)` fills the form, for which it may ask the server; what it takes out of the fields stays away. */
export function keep(form, restore) {
  const place = document.querySelector("[data-offline-note]");
  const bar = document.querySelector("[data-draft-state]");
  const word = form.querySelector("[data-offline-submit] span");
  const usual = word.textContent;
  let keeps = true;

  const say = (name, values) => tell(place, note(name, values));
  const draft = new Draft(form, { kept, failed });

  // ── what the page says ────────────────────────────────────────────────────────────────────────

  function kept(entry) {
    if (entry.state === "draft") tell(place, null);
    label();
  }

  function failed() {
    keeps = false;
    // Such an address would follow the form to its answer.
    history.replaceState(history.state, "", page());
    say("unkeepable");
  }

  /** The bar tells that the text is safe, the button what a press will do. */
  function label(reached = navigator.onLine) {
    const safe = draft.entry && note("bar-kept", { time: time(draft.entry.changed) });
    if (bar) tell(bar, reached ? safe : note("bar-offline"));
    word.textContent = reached || !keeps ? usual : note("later").textContent;
  }
  addEventListener("online", () => label());
  addEventListener("offline", () => label());

  // ── sending ───────────────────────────────────────────────────────────────────────────────────

  form.addEventListener("submit", (event) => {
    // A named button asks for something else than to save.
    if (event.defaultPrevented || event.submitter?.name || !keeps) return;
    event.preventDefault();
    press().catch(() => byHand());
  });

  async function press() {
    awaited.add(draft.id);
    const entry = await draft.write("unsent");
    navigator.storage?.persist?.();
    await deliver(entry);
  }

  /** As without JavaScript: the server draws what comes of it, on a page that opens no draft of its own accord. */
  function byHand(token) {
    if (token) form.elements.csrf_token.value = token;
    HTMLFormElement.prototype.submit.call(form);
  }

  async function refused({ submission_id }, token) {
    if (draft.isBlank) await store.remove(submission_id).catch(() => {});
    byHand(token);
  }

  news.addEventListener("answer", ({ detail: { entry, outcome } }) => {
    if (entry.submission_id !== draft.id) return;
    wake(form);
    if (outcome.overtaken) {
      say("overtaken", { to: outcome.to });
    } else if (outcome.kind === "saved") {
      draft.settle();
      location.assign(outcome.to);
    } else if (draft.entry?.changed === entry.changed) {
      if (outcome.kind === "refused") return refused(entry, outcome.token);
      label(false);
      if (say("kept", { time: time(entry.changed), [outcome.kind]: true })) place.scrollIntoView({ block: "nearest" });
      if (outcome.kind === "no-answer") later();
    }
  });

  // ── coming back ───────────────────────────────────────────────────────────────────────────────

  async function open(entry) {
    // Said before anything is waited for: whoever sends meanwhile leads on to the record, with its notice.
    if (entry.state === "unsent") awaited.add(entry.submission_id);
    form.inert = true;
    draft.hold();
    await restore(entry);
    carry(form, entry);
    form.inert = false;
    draft.settle(entry);
    label();
    news.dispatchEvent(new Event("opened"));
    if (entry.refused && arrival() === "navigate") {
      // Who followed a link to see what is wrong with it sees that.
      await press();
    } else if (entry.state === "unsent") {
      say("kept", { time: time(entry.changed), "no-answer": true });
      await run();
    } else {
      const outdated = entry.version !== form.dataset.offlineVersion;
      say(entry.refused ? "refused" : "restored", { time: time(entry.changed), outdated, drop: () => forget(entry, place, () => open(entry)) });
    }
  }

  function offer(entry, line = document.createElement("div")) {
    line.className = "note offer";
    const drop = () => forget(entry, line, () => offer(entry, line));
    tell(line, note("offer", { title: entry.title, time: time(entry.changed), open: address(entry), drop }));
    return line;
  }

  async function forget(entry, region, again) {
    await store.remove(entry.submission_id);
    if (entry.submission_id === draft.id) draft.leave();
    const undo = () => store.put(entry).then(again);
    tell(region, note("dropped", { undo }));
    region.querySelector("button").focus();
  }

  async function begin() {
    label();
    const entry = await asked();
    if (entry) return open(entry);
    draft.early();
    for (const other of await store.all()) {
      const fits = other.user === user && other.kind === form.dataset.offline && other.state === "draft";
      // A form about a record is offered only what was typed about the same.
      if (form.dataset.offlineTitle && other.route !== draft.route) continue;
      if (fits && other.submission_id !== draft.id) form.before(offer(other));
    }
  }
  begin().catch(failed);
}
