// Copying a prepared text by one press; without it the text can be marked and copied by hand.

import "./enhance.js";

const text = document.querySelector("[data-copy-text]");
const button = document.querySelector("[data-copy]");

if (text && button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      // Where the clipboard is closed to pages, the text stays marked.
      return;
    }
    document.querySelector("[data-copy-said]").textContent = button.dataset.copied;
    button.focus();
  });
}
