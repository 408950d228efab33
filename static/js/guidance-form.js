// While a session is planned: people found by typing, and what may be a mistake said at once. The form works
// without this; whatever it does ends in the named inputs of the form.

import "./enhance.js";

const form = document.getElementById("guidance-form");

// ── people ──────────────────────────────────────────────────────────────────────────────────────

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f'’.]/g, "").toLowerCase();

for (const people of form.querySelectorAll("[data-people]")) {
  const search = people.querySelector("[data-people-search]");
  const count = people.querySelector("[data-people-count]");
  const list = people.querySelector(".people-list");
  people.querySelector("[data-people-tools]").hidden = false;
  // What is ticked is the person; being a speaker belongs to being invited.
  for (const one of people.querySelectorAll("[data-one]")) one.dataset.words = plain(one.querySelector(".check").textContent);

  function narrow() {
    const wanted = plain(search.value.trim()).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const partner of people.querySelectorAll("[data-partner]")) {
      const name = plain(partner.querySelector("legend").textContent);
      let any = false;
      for (const one of partner.querySelectorAll("[data-one]")) {
        one.hidden = !wanted.every((word) => one.dataset.words.includes(word) || name.includes(word));
        any ||= !one.hidden;
        left += !one.hidden;
      }
      partner.hidden = !any;
    }
    say(left);
  }

  function say(left = 1) {
    const chosen = people.querySelectorAll(".check :checked").length;
    count.textContent = left ? count.dataset.count.replace("__num__", chosen) : people.dataset.none;
  }

  search.addEventListener("input", () => {
    narrow();
    list.scrollTop = 0;
  });
  search.addEventListener("keydown", (event) => {
    // Here Enter does not send the form: it ticks the only one that is left.
    if (event.key !== "Enter") return;
    event.preventDefault();
    const left = [...people.querySelectorAll("[data-one]:not([hidden]) .check input")];
    if (left.length === 1) left[0].click();
  });
  people.addEventListener("change", ({ target }) => {
    const one = target.closest("[data-one]");
    const ticks = one?.querySelectorAll("input");
    if (ticks?.length === 2) {
      if (target === ticks[1] && target.checked) ticks[0].checked = true;
      if (target === ticks[0] && !target.checked) ticks[1].checked = false;
    }
    say();
  });
  say();
}

// ── what may be a mistake ───────────────────────────────────────────────────────────────────────

const watched = ["cluster_id", "day", "starts", "ends", "participant_ids", "speaker_ids", "school_ids"];
let pause;
let asking;

// An address has an end, and hundreds may be invited: what is ticked stands in it as "12.15.16".
function asked() {
  const entries = new FormData(form);
  const query = new URLSearchParams();
  for (const name of watched) if (entries.has(name)) query.set(name, entries.getAll(name).join("."));
  if (form.dataset.cluster) query.set("cluster_id", form.dataset.cluster);
  if (form.dataset.but) query.set("but", form.dataset.but);
  return query;
}

async function look() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  let page;
  try {
    const answer = await fetch(`${form.dataset.check}?${asked()}`, { signal });
    if (!answer.ok || answer.redirected) return;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return;
  }
  let allShown = true;
  for (const part of page.querySelectorAll("[data-slot]")) {
    const slot = form.querySelector(`[data-slot="${part.dataset.slot}"]`);
    const same = slot?.innerHTML.trim() === part.innerHTML.trim();
    // Somebody is about to use what stands there.
    if (slot && !same && !slot.contains(document.activeElement)) slot.replaceChildren(...part.childNodes);
    else if (!same && part.childElementCount) allShown = false;
  }
  // What stands on the screen has been seen, so that the next press goes through.
  if (allShown) form.elements.seen.value = page.querySelector("[data-seen]").dataset.seen;
}

form.addEventListener("change", ({ target }) => {
  if (!watched.includes(target.name)) return;
  clearTimeout(pause);
  pause = setTimeout(look, 200);
});

// The next working day without a reload; what was typed stays.
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-day]");
  if (!button) return;
  event.preventDefault();
  const { day } = form.elements;
  day.value = button.dataset.day;
  day.focus();
  day.dispatchEvent(new Event("change", { bubbles: true }));
});

// Another cluster has other people: the form is drawn again with what was typed.
const go = form.querySelector("[data-cluster-go]");
if (go) {
  go.hidden = true;
  form.elements.cluster_id.addEventListener("change", () => form.requestSubmit(go));
}
