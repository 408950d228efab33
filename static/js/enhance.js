// What JavaScript adds to every page. Nothing here is needed to read or to send.
// Each behaviour belongs to a data- attribute.

// After a refused form the summary of its errors is what comes next (the style page shows samples of it).
document.querySelector("[data-error-summary]:not([data-sample] *)")?.focus();

// A second press while a form is on its way sends nothing: the button says so, and stays a button.
// Going back to the page wakes it again, and so does a silence of fifteen seconds (sending twice makes one record).
// The next ring or act of a list waits for its turn instead: the page that comes back presses it.
for (const form of document.querySelectorAll("form[data-form]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const waits = isAct(button) && document.querySelector("form[data-sending=act]");
    if (waits || form.dataset.sending) {
      event.preventDefault();
      if (waits && !("idle" in button.dataset) && keepTurns([...turns(), addressOf(button)])) say(button);
      return;
    }
    form.dataset.sending = isAct(button) ? "act" : "yes";
    if (button) say(button);
    setTimeout(wake, 15000, form);
  });
}

function isAct(button) {
  return button?.matches(".tick, [form=acts]");
}

function addressOf(button) {
  return button.getAttribute("formaction") ?? button.form.getAttribute("action");
}

function say(button) {
  const label = button.dataset.busy && button.querySelector("span");
  button.dataset.idle = label ? label.textContent : "";
  if (label) label.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
}

export function wake(form) {
  delete form.dataset.sending;
  keepTurns([]);
  for (const button of document.querySelectorAll("[data-idle]")) {
    if (button.dataset.idle) button.querySelector("span").textContent = button.dataset.idle;
    button.removeAttribute("aria-disabled");
    delete button.dataset.idle;
  }
}
addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form[data-sending]").forEach(wake));

// Half a minute old at most, so that no later visit presses what was forgotten.
function turns() {
  try {
    const { at, addresses } = JSON.parse(sessionStorage.getItem("phx-turns"));
    return Date.now() - at < 30000 ? addresses : [];
  } catch {
    return [];
  }
}

function keepTurns(addresses) {
  try {
    sessionStorage.setItem("phx-turns", JSON.stringify({ at: Date.now(), addresses }));
    return true;
  } catch {
    return false;
  }
}

const waiting = turns();
if (waiting.length) {
  const acts = [...document.querySelectorAll("button")].filter(isAct);
  let next;
  while (waiting.length && !next) {
    const address = waiting.shift();
    next = acts.find((button) => addressOf(button) === address);
  }
  keepTurns(waiting);
  next?.form.requestSubmit(next);
}

// A menu closes by Esc, by a press outside, and when another opens.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// Printing by a press, for who does not know the browser's own way.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// What was typed on this device and the server does not have yet is the matter of modules of its own, which
// pages never load while there is nothing.
const user = document.documentElement.dataset.user;
addEventListener("pageshow", () => user && keepsSomething() && import("./offline/leave.js").catch(() => {}));

function keepsSomething() {
  try {
    return localStorage.getItem("phx-kept");
  } catch {
    return null;
  }
}

// Signing out forgets it, so that is asked about first; where it cannot be asked it stays.
for (const form of document.querySelectorAll("form[data-signs-out]")) {
  form.addEventListener("submit", ask, true);
}

async function ask(event) {
  if (!keepsSomething()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const form = event.currentTarget;
  try {
    const { leave } = await import("./offline/leave.js");
    await leave(form);
  } catch {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: "1" }));
    HTMLFormElement.prototype.submit.call(form);
  }
}
