// What JavaScript adds to every page. Nothing here is needed to read or to send.
// Each behaviour belongs to a data- attribute.

// After a refused form the summary of its errors is what comes next.
document.querySelector("[data-error-summary]")?.focus();

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

function wake(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("button[data-idle]")) {
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
