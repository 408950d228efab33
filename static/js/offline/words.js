// What a form says, as its reader sees it: for a list of what is kept, and for a file that outlives the browser.

const tidy = (text) => text?.replace(/\s+/g, " ").trim() ?? "";

/** For each control that says something: its label, its text, and the name and value that are sent for it. */
export function words(form) {
  return [...form.elements].flatMap((control) => {
    const [label, text] = (control.name && !control.disabled && said(control)) || [];
    return text ? [[label, text, control.name, control.value]] : [];
  });
}

function said(control) {
  const own = control.labels?.[0];
  const group = tidy(control.closest("fieldset")?.querySelector("legend")?.firstChild?.textContent);
  switch (control.type) {
    case "submit":
    case "button":
    case "fieldset":
      return null;
    case "hidden": {
      const chip = chipOf(control);
      return chip && [group, chip];
    }
    case "checkbox":
    case "radio":
      return control.checked ? [group, tidy(own?.textContent)] : null;
    case "select-one":
      return [label(own, group), tidy(control.value && control.selectedOptions[0]?.textContent)];
    default:
      return [label(own, group), control.value.trim()];
  }
}

function label(own, group) {
  const text = tidy(own?.firstChild?.textContent) || tidy(own?.textContent);
  return own?.classList.contains("sr") && group ? `${group}: ${text}` : text;
}

/** A chip stands for its hidden value; other hidden values are nothing that was typed. */
const chipOf = (control) => tidy(control.closest(".chip")?.querySelector(":scope > span:last-of-type")?.textContent);

/** What one would call it: what or whom it is about, else how the longest text begins. */
export function title(form) {
  const about = form.dataset.offlineTitle ?? [...form.querySelectorAll(".chip input[type=hidden]")].map(chipOf).join(", ");
  const texts = [...form.querySelectorAll("textarea, input[type=text]")].map(({ value }) => tidy(value));
  const text = about || texts.reduce((longest, other) => (other.length > longest.length ? other : longest), "");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
