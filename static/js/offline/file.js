// Entries as a text that any program opens.

import { noteOf } from "./kinds.js";
import { note } from "./notes.js";

export function download(entries) {
  const text = entries.map(asText).join("\r\n\r\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\uFEFF", text, "\r\n"], { type: "text/plain" }));
  link.download = note("file-name").textContent;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** What was typed: its kind and title, when, and each answer behind its question. */
export function asText({ kind, title, changed, words }) {
  const time = new Date(changed).toLocaleString(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });
  const lines = [noteOf(kind, "file-title", { title }).textContent, note("file-typed", { time }).textContent, ""];
  let before;
  for (const [label, text] of words) {
    const shown = text.replace(/\r?\n/g, "\r\n");
    // Several answers to one question stand in one line.
    if (label === before) lines.push(`${lines.pop()}, ${shown}`);
    else lines.push(`${label}: ${shown}`);
    before = label;
  }
  return lines.join("\r\n");
}
