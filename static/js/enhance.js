// What JavaScript adds to every page. Nothing here is needed to read or to send.
// Each behaviour belongs to a data- attribute.

// After a refused form the summary of its errors is what comes next (the style page shows samples of it).
document.querySelector("[data-error-summary]:not([data-sample] *)")?.focus();

// A second press while a form is on its way sends nothing: the button says so, and stays a button.
// Going back to the page wakes it again, and so does a silence of fifteen seconds (sending twice makes one record).
for (const form of document.querySelectorAll("form[data-form]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "yes";
    const button = event.submitter;
    const label = button?.dataset.busy && button.querySelector("span");
    if (label) {
      button.dataset.idle = label.textContent;
      label.textContent = button.dataset.busy;
      button.setAttribute("aria-disabled", "true");
    }
    setTimeout(wake, 15000, form);
  });
}

export function wake(form) {
  delete form.dataset.sending;
  // Of its elements, since a button may stand elsewhere and name its form.
  for (const button of form.elements) {
    if (!("idle" in button.dataset)) continue;
    button.querySelector("span").textContent = button.dataset.idle;
    button.removeAttribute("aria-disabled");
    delete button.dataset.idle;
  }
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(wake));

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
