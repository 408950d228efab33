// Words about what is kept on this device. They stand in <template data-note="…"> elements, written and
// translated by the server; scripts only fill in what varies.

const language = document.documentElement.lang;

/** The hour as pages write it ("10.42"), with the day where it is another. */
export function time(instant) {
  const when = new Date(instant);
  const hour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const day = when.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language, { ...day, ...hour }).format(when);
}

/** A copy of the template `name`. A value is text, the address of a link, or what a press does; what has none is left out. */
export function note(name, values = {}) {
  const copy = document.querySelector(`template[data-note="${name}"]`).content.cloneNode(true);
  for (const place of copy.querySelectorAll("[data-value]")) {
    const value = values[place.dataset.value];
    if (value === undefined || value === false) place.remove();
    else if (typeof value === "function") place.addEventListener("click", value);
    else if (place.localName === "a") place.href = value;
    else if (value !== true) place.textContent = value;
  }
  return copy;
}

/** Have `region` say `content`, or nothing; whether that is new. What it says already is not announced again. */
export function tell(region, content) {
  const said = content?.textContent ?? "";
  if (said && region.dataset.told === said) return false;
  region.dataset.told = said;
  region.hidden = !content;
  region.replaceChildren(...(content ? [content] : []));
  return true;
}
