// While a new partner is being named: which ones may already be it. The form works without this.
// What is found is announced once; the focus stays where it is.

import "./enhance.js";

const place = document.querySelector("[data-alike]");
const status = document.querySelector("[data-alike-status]");
const form = place?.closest("form");
const watched = ["name", "nib", "npwp"];
let pause, asked;

async function look() {
  const values = watched.map((name) => [name, form.elements[name].value.trim()]);
  const query = new URLSearchParams(values.filter(([, value]) => value)).toString();
  if (query === asked) return;
  asked = query;
  let found = "";
  if (values.some(([, value]) => value.length > 2)) {
    const answer = await fetch(`${place.dataset.alike}?${query}`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    found = await answer.text();
  }
  // Somebody typed on, or is just about to use what stands there.
  if (query !== asked || place.contains(document.activeElement)) return;
  const ticked = place.querySelector("[name=as_new]")?.checked;
  place.innerHTML = found;
  const box = place.querySelector("[name=as_new]");
  if (box && ticked) box.checked = true;
  say(place.querySelectorAll("li").length);
}

function say(number) {
  const text = number === 0 ? "" : number === 1 ? place.dataset.alikeOne : place.dataset.alikeMany;
  if (status.textContent !== text) status.textContent = text;
}

form?.addEventListener("input", (event) => {
  if (!watched.includes(event.target.name)) return;
  clearTimeout(pause);
  pause = setTimeout(look, 400);
});
