// A form as it was: its fields by their names. What is not in it is none of its matter.

/** `pairs` are names and values as FormData gives them; a chip's hidden value stands for what its caller has drawn. */
export function refill(form, pairs) {
  for (const field of form.elements) {
    const { name, type, value } = field;
    if (!name || name === "csrf_token" || field.matches(".chip input[type=hidden]")) continue;
    const wanted = pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    if (type === "checkbox" || type === "radio") field.checked = wanted.includes(value);
    else if (wanted.length && type !== "submit" && type !== "button") field.value = wanted[0];
  }
}
