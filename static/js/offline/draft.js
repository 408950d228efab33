// Keeps a form as it is being filled in: half a second after each change, and when its page goes out of sight.

import { user } from "./queue.js";
import * as store from "./store.js";
import { title, words } from "./words.js";

const PAUSE = 400; // milliseconds

const PREFIX = "#draft=";

/** The address of this page, without the fragment that names a draft. */
export const page = () => location.pathname + location.search;

/** The address under which a kept form opens again. */
export const address = (entry) => (entry.page ?? entry.route) + PREFIX + entry.submission_id;

/** The kept form that this page's address names. */
export async function asked() {
  if (!location.hash.startsWith(PREFIX)) return null;
  const entry = await store.get(location.hash.slice(PREFIX.length));
  return entry?.user === user ? entry : null;
}

/** How this page was come to: "navigate", "reload" or "back_forward". */
export const arrival = () => performance.getEntriesByType("navigation")[0]?.type;

// A link to a draft on the page that it belongs to.
addEventListener("hashchange", () => location.hash.startsWith(PREFIX) && location.reload());

export class Draft {
  /** `kept` is told of each entry that was written, `failed` if nothing can be kept. */
  constructor(form, { kept, failed }) {
    this.form = form;
    // A fragment would follow it to the answer.
    form.action = this.route = form.getAttribute("action") || page();
    this.kept = kept;
    this.failed = failed;
    this.entry = null;
    this.touched = false;
    this.settle();
    this.blank = this.last;
    for (const name of ["input", "change", "click"]) form.addEventListener(name, () => this.soon());
    // What a script adds after a press: rows, a partner with its contacts.
    new MutationObserver(() => this.touched && this.soon()).observe(form, { childList: true, subtree: true });
    addEventListener("pagehide", () => this.now());
    document.addEventListener("visibilitychange", () => document.hidden && this.now());
  }

  get id() {
    return this.form.elements.submission_id.value;
  }

  /** Write nothing while the form is being filled in with what was kept, until it is settled. */
  hold() {
    this.held = true;
  }

  /** Take the form as it stands for what is kept, or for what nobody has typed in yet. */
  settle(entry = null) {
    clearTimeout(this.timer);
    this.held = false;
    this.entry = entry;
    this.last = JSON.stringify(this.fields());
  }

  /** Whether it stands as it was given: nobody would miss it. */
  get isBlank() {
    return this.last === this.blank;
  }

  fields() {
    const pairs = [...new FormData(this.form)];
    return pairs.filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
  }

  /** Keep what was typed before this script was there; what the browser itself brought back is not that. */
  early() {
    const typed = (field) => (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
    const fields = [...this.form.querySelectorAll("textarea, input:not([type=hidden], [type=radio])")];
    if (!["reload", "back_forward"].includes(arrival()) && fields.some(typed)) this.write("draft").catch(() => this.failed());
  }

  soon() {
    this.touched = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE);
  }

  /** Write what has changed since it was last written; what is changed is a draft again. */
  now() {
    clearTimeout(this.timer);
    if (this.held || JSON.stringify(this.fields()) === this.last) return;
    this.write("draft").catch(() => this.failed());
  }

  async write(state) {
    clearTimeout(this.timer);
    const fields = this.fields();
    const { form, id } = this;
    const changed = Date.now();
    const made_at = this.entry?.made_at ?? (form.elements.made_at?.value || new Date(changed).toISOString());
    const { offline: kind, offlineVersion: version } = form.dataset;
    this.last = JSON.stringify(fields);
    const said = { title: title(form), words: words(form) };
    const where = { route: this.route, page: page() };
    this.entry = { submission_id: id, user, kind, ...where, version, fields, ...said, made_at, changed, state };
    const { entry } = this;
    // So that a reload, or the browser's own way of bringing a tab back, opens it again.
    history.replaceState(history.state, "", address(entry));
    // One after the other: what is written last must be what stands there last.
    this.writing = Promise.allSettled([this.writing]).then(() => store.put(entry));
    await this.writing;
    this.kept(entry);
    return entry;
  }

  /** Have nothing to do with what was kept; the form still shows it. */
  leave() {
    history.replaceState(history.state, "", page());
    this.settle();
  }
}
