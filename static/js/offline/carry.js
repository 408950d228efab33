// What a form cannot show without the server, a partner or those who were there, goes along with it as it was.

export function carry(form, { fields, words }) {
  const shown = new FormData(form);
  const missing = fields.filter(([name, value]) => value && !shown.getAll(name).includes(value));
  const chips = document.createElement("div");
  chips.className = "chips";
  for (const [name, value] of missing) {
    const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    const text = words.find((said) => said[2] === name && said[3] === value)?.[1];
    const chip = document.createElement("span");
    if (text) {
      chip.className = "chip chip-on carried";
      chip.append(Object.assign(document.createElement("span"), { textContent: text }));
    }
    chip.prepend(input);
    chips.append(chip);
  }
  if (missing.length) form.prepend(chips);
}
