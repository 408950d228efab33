// A text field that suggests: type, go through the list with the arrows, take one with Enter or a press, leave
// it with Esc. After the combobox pattern of ARIA 1.2: the focus stays in the field.
//
//   picker(input, { suggest, draw, choose, said })
//     suggest(typed, signal)  resolves to { said, choices }: a sentence that says how many, and what there is
//     draw(choice)            the nodes of one line
//     choose(choice)          it was taken
//     said(sentence, number)  says it: to those who listen, and to everybody where nothing can be chosen

const PAUSE = 120; // milliseconds without a key before it asks
const LEAST = 2; // letters

export function picker(input, { suggest, draw, choose, said }) {
  const list = document.createElement("ul");
  list.className = "options";
  list.id = `${input.id}-options`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent.trim() ?? "");
  list.hidden = true;
  input.closest("label").after(list);
  const is = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(is)) input.setAttribute(name, value);

  let choices = [];
  let active = -1;
  let timer;
  let asking;

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    choices = [];
    mark(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function mark(place) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = place;
    const option = list.children[place];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function show(found) {
    close();
    choices = found.choices;
    list.replaceChildren(
      ...choices.map((choice, place) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${place}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(...draw(choice));
        return option;
      }),
    );
    list.hidden = !choices.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    said(found.said, choices.length);
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const found = await suggest(input.value.trim(), signal);
    if (!signal.aborted) show(found);
  }

  function take(place) {
    const choice = choices[place];
    input.value = "";
    close();
    choose(choice);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    // What is still on its way answers what stood here before.
    asking?.abort();
    if (input.value.trim().length < LEAST) return close();
    timer = setTimeout(ask, PAUSE);
  });

  input.addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "Enter") {
      // Here Enter never sends the form; what is halfway typed takes the first that is suggested.
      event.preventDefault();
      if (choices.length) take(Math.max(active, 0));
    } else if (key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if ((key === "ArrowDown" || key === "ArrowUp") && choices.length) {
      event.preventDefault();
      const step = key === "ArrowDown" ? 1 : -1;
      mark(active < 0 && step < 0 ? choices.length - 1 : (active + step + choices.length) % choices.length);
    }
  });

  // A press on the list must not take the focus before it is a click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
  input.addEventListener("blur", close);
  return { close };
}
