// Recording a meeting faster: partners by their first letters, their contacts to be ticked, rows without a
// reload, due dates by one press. Whatever it does ends in the named inputs of the form; `restore` fills them
// again from what was kept.

import "./enhance.js";
import { keep } from "./offline/form.js";
import { picker } from "./parts/picker.js";
import { refill } from "./parts/refill.js";

const form = document.getElementById("meeting-form");
const query = form.elements.partner_query;
const search = form.querySelector("[data-picker]");
const another = form.querySelector("[data-another]");
const status = form.querySelector("[data-said]");
const language = document.documentElement.lang;

const slot = (name) => form.querySelector(`[data-slot="${name}"]`);
function say(sentence, number = 0) {
  status.textContent = sentence;
  status.classList.toggle("sr", number > 0);
}

// ── without a reload ────────────────────────────────────────────────────────────────────────────

for (const plain of form.querySelectorAll("[data-plain]")) plain.remove();
tame(form);

/** Buttons that would draw the form again do not send it here. */
function tame(part) {
  for (const button of part.querySelectorAll("button[name=act]")) button.type = "button";
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.value.startsWith("drop:")) drop(button.value.slice(5));
  else if (button?.dataset.add) addRow(button.dataset.add).querySelector("input").focus();
  else if (button?.dataset.due) setDue(button);
  else if (button === another) seek();
});

// ── partners ────────────────────────────────────────────────────────────────────────────────────

const markOf = (helix) => document.querySelector("[data-marks]").content.querySelector(`.c-${helix}`).cloneNode(true);

picker(query, {
  said: say,
  choose,
  draw(choice) {
    const name = document.createElement("span");
    name.textContent = choice.name;
    return [markOf(choice.helix), name];
  },
  async suggest(typed, signal) {
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal });
      return await answer.json();
    } catch {
      return { said: form.dataset.noPartners, choices: [] };
    }
  },
});

function isChosen(id) {
  return Boolean(slot("chosen").querySelector(`[data-of="${id}"]`));
}

async function choose(choice) {
  // Beside this page, which is not left.
  if (choice.url) return open(choice.url);
  say("");
  if (!isChosen(choice.id)) {
    follow(choice.clusters);
    slot("chosen").append(chipOf(choice));
    changed();
    if (!(await bring(choice.id))) say(form.dataset.noContacts);
  }
  const waits = [query, document.body].includes(document.activeElement);
  tidy();
  // Who has gone on meanwhile is left alone.
  if (waits) (slot("contacts").querySelector(`[data-of="${choice.id}"] input`) ?? another).focus();
}

/** The partner as the server would draw it, at once. */
function chipOf({ id, name, helix }) {
  const chip = document.querySelector("[data-chip]").content.firstElementChild.cloneNode(true);
  chip.dataset.of = chip.querySelector("input").value = id;
  chip.querySelector(".hx-i").replaceWith(markOf(helix));
  chip.querySelector("input ~ span:not(.hx-i)").textContent = name;
  const button = chip.querySelector("button");
  button.value = `drop:${id}`;
  const label = button.querySelector(".sr");
  label.textContent = label.textContent.replace("__name__", name);
  tame(chip);
  return chip;
}

/** Bring a partner's contacts and what was left open last time, and itself if it is not there yet. */
async function bring(id) {
  try {
    const answer = await fetch(form.dataset.partners.replace(/0$/, id));
    if (!answer.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of page.querySelectorAll("[data-slot]")) {
      tame(part);
      if (part.dataset.slot !== "chosen" || !isChosen(id)) slot(part.dataset.slot)?.append(...part.children);
    }
    changed();
    return true;
  } catch {
    return false;
  }
}

function changed() {
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function drop(id) {
  for (const part of form.querySelectorAll(`[data-of="${id}"]`)) part.remove();
  tidy();
  (another.hidden ? query : another).focus();
  changed();
}

/** Once a partner is chosen the field gives way to a button that brings it back. */
function tidy() {
  const any = slot("chosen").childElementCount > 0;
  const busy = query.value !== "";
  another.hidden = !any || busy;
  search.hidden = any && !busy;
  document.getElementById("partner_query-hint").hidden = search.hidden;
}

function seek() {
  another.hidden = true;
  search.hidden = false;
  query.focus();
}
tidy();

// ── clusters: who belongs to the chosen one ─────────────────────────────────────────────────────

const cluster = form.elements.cluster_id;

function follow(ids) {
  const isFirst = slot("chosen").childElementCount === 0;
  if (cluster.options && isFirst && !ids.includes(Number(cluster.value))) {
    cluster.value = ids.find((id) => [...cluster.options].some((option) => option.value === String(id)));
    cluster.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function narrow(part = form) {
  if (!cluster.options) return;
  for (const element of part.querySelectorAll("[data-clusters]")) {
    const belongs = element.dataset.clusters.split(" ").includes(cluster.value);
    element.hidden = !belongs;
    (element.querySelector("input") ?? element).disabled = !belongs;
  }
  for (const select of part.querySelectorAll("select")) {
    if (select.selectedOptions[0]?.disabled) select.value = [...select.options].find((o) => !o.disabled)?.value;
  }
}
cluster.addEventListener?.("change", () => narrow());
narrow();

// ── rows ────────────────────────────────────────────────────────────────────────────────────────

function addRow(kind) {
  const rows = form.querySelector(`[data-rows="${kind}"]`);
  const copy = document.querySelector(`template[data-row-of="${kind}"]`).content.firstElementChild.cloneNode(true);
  const number = rows.childElementCount;
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes("__i__")) element.setAttribute(name, value.replaceAll("__i__", number));
    }
  }
  rows.append(copy);
  narrow(copy);
  showQuick(copy);
  return copy;
}

// Who opens the names is about to write one.
const guests = form.querySelector("[data-guests]");
guests.querySelector("summary").addEventListener("click", (event) => {
  if (guests.open) return;
  event.preventDefault();
  guests.open = true;
  guests.querySelector("input").focus();
});

// Enter in an item begins the next one rather than save what is half written.
form.addEventListener("keydown", (event) => {
  const rows = event.target.closest('[data-rows="items"]');
  if (event.key !== "Enter" || !rows || !event.target.matches('[name$="-title"]')) return;
  event.preventDefault();
  const next = event.target.closest("[data-row]").nextElementSibling ?? addRow("items");
  next.querySelector("input").focus();
});

// ── due dates ───────────────────────────────────────────────────────────────────────────────────

function dueOf(row) {
  return row.querySelector('[name$="-due"]');
}

function setDue(button) {
  dueOf(button.closest("[data-row]")).value = button.dataset.due;
  pressed(button.closest("[data-row]"));
  changed();
}

function pressed(row) {
  for (const button of row.querySelectorAll("[data-due]")) {
    button.setAttribute("aria-pressed", String(button.dataset.due === dueOf(row).value));
  }
  row.querySelector("[data-due-words]").textContent = dayInWords(dueOf(row).value);
}

function showQuick(part) {
  for (const quick of part.querySelectorAll("[data-quick]")) quick.hidden = false;
}
showQuick(form);

// ── what the closed details say ─────────────────────────────────────────────────────────────────

function worded(name) {
  const field = form.elements[name];
  if (field instanceof RadioNodeList) {
    const chosen = form.querySelector(`[name="${name}"]:checked`);
    return chosen?.closest("label").textContent.trim().toLowerCase() ?? "";
  }
  if (field.options) return field.selectedOptions[0]?.text ?? "";
  if (field.type === "time") return language === "id" ? field.value.replace(":", ".") : field.value;
  return field.type === "date" ? dayInWords(field.value) : field.value;
}

/** As on every page, whatever the browser's own picker makes of a date. */
function dayInWords(value) {
  const day = new Date(`${value}T12:00`);
  if (Number.isNaN(day.getTime())) return value;
  return day.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

function echo(name) {
  const place = form.querySelector(`[data-echo="${name}"]`);
  if (place) place.textContent = worded(name);
}

form.addEventListener("change", (event) => {
  const { name } = event.target;
  if (form.querySelector(`[data-echo="${name}"]`)) echo(name);
  const row = name?.endsWith("-due") && event.target.closest("[data-row]");
  if (row) pressed(row);
});

// The phone's clock, when the first thing was entered: kept beside the server's, and nothing is reckoned by it.
form.addEventListener("input", () => {
  if (!form.elements.made_at.value) form.elements.made_at.value = new Date().toISOString();
});

// ── for what was kept on the phone ──────────────────────────────────────────────────────────────

async function restore({ fields: pairs }) {
  const values = (name) => pairs.filter(([key]) => key === name).map(([, value]) => value);
  for (const part of form.querySelectorAll("[data-of]")) if (!values("partner_ids").includes(part.dataset.of)) part.remove();
  for (const id of values("partner_ids")) if (!isChosen(id)) await bring(id);
  for (const kind of ["items", "guests"]) {
    const numbers = pairs.map(([name]) => Number(name.match(`^${kind}-(\\d+)-`)?.[1] ?? -1));
    const rows = form.querySelector(`[data-rows="${kind}"]`);
    while (rows && rows.childElementCount <= Math.max(...numbers, -1)) addRow(kind);
  }
  refill(form, pairs);
  for (const field of form.elements) {
    const details = field.closest("details.more");
    if (details && (field.type === "checkbox" ? field.checked : field.type === "text" && field.value)) details.open = true;
  }
  for (const { dataset } of form.querySelectorAll("[data-echo]")) {
    const field = form.elements[dataset.echo];
    if (field?.value && field.type !== "hidden" && field.value !== field.defaultValue) echo(dataset.echo);
  }
  form.querySelectorAll("[data-rows=items] [data-row]").forEach(pressed);
  narrow();
  tidy();
}

if (form.dataset.offline) keep(form, restore);
