// Words about one or more things of a kind: what is said of another kind or number is left out.

import { note } from "./notes.js";

export function noteOf(kind, name, values) {
  const copy = note(name, values);
  for (const place of copy.querySelectorAll("[data-kind]")) {
    if (place.dataset.kind !== kind) place.remove();
  }
  for (const place of copy.querySelectorAll("[data-number]")) {
    if ((place.dataset.number === "one") !== (values.count === 1)) place.remove();
  }
  return copy;
}
