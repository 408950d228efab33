// A form of plain fields that is kept on the phone until the server has it.

import "./enhance.js";
import { keep } from "./offline/form.js";
import { refill } from "./parts/refill.js";

const form = document.querySelector("form[data-offline]");

keep(form, (entry) => {
  // "Tomorrow" is told from the day on which the form is looked at; what was sent goes as it was.
  if (entry.state === "draft") entry.fields = entry.fields.filter(([name]) => name !== "asked_on");
  refill(form, entry.fields);
  for (const [, text, name, value] of entry.words) offer(name, value, text);
});

/** What was chosen and is not offered here is one more of the choices, so that another can take its place. */
function offer(name, value, text) {
  const control = form.querySelector(`select[name="${name}"], [type=radio][name="${name}"]`);
  if (!control || new FormData(form).get(name) === value) return;
  if (control.options) return control.add(new Option(text, value, true, true));
  const label = control.closest("label");
  const copy = label.cloneNode(true);
  copy.lastElementChild.textContent = text;
  label.after(copy);
  Object.assign(copy.querySelector("input"), { id: "", value, checked: true });
}
