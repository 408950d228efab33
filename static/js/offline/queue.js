// Sends what is unsent, one after the other, as long as a page is open: at once, when the network or the reader
// comes back, and in growing pauses. Each answer is told to whoever listens to `news`.

import { send } from "./send.js";
import * as store from "./store.js";

/** Seconds between two tries. */
const PAUSES = [5, 15, 45, 120, 240];

export const user = document.documentElement.dataset.user;

/** "answer" events, each with the entry and what came of it; "opened" once the form on this page shows an entry. */
export const news = new EventTarget();

/** Submissions whose sender waits on this page to be led to the record. */
export const awaited = new Set();

let tries = 0;
let timer;
let running = false;
let started = false;

/** Send one entry and keep in the store what that means. */
export async function deliver(entry) {
  const outcome = await send(entry, awaited.has(entry.submission_id) ? "now" : "later");
  if (outcome.kind === "saved") {
    // What was changed meanwhile is not what the server has.
    outcome.overtaken = await store.replace(entry, null);
  } else if (outcome.kind === "refused") {
    await store.replace(entry, { ...entry, state: "draft", refused: outcome.status });
  }
  news.dispatchEvent(new CustomEvent("answer", { detail: { entry, outcome } }));
  return outcome;
}

/** Begin to watch for a chance to send, once a page. */
function start() {
  if (started) return;
  started = true;
  addEventListener("online", run);
  addEventListener("pageshow", ({ persisted }) => persisted && run());
  document.addEventListener("visibilitychange", () => document.hidden || run());
}

/** Try after the next pause. */
export function later() {
  start();
  clearTimeout(timer);
  timer = setTimeout(run, PAUSES[Math.min(tries, PAUSES.length - 1)] * 1000);
  tries += 1;
}

/** Try all now. */
export async function run() {
  start();
  if (running) return;
  running = true;
  clearTimeout(timer);
  const went = await alone(sendAll).catch(() => true);
  running = false;
  if (went) tries = 0;
  else later();
}

/** Whether nothing is left that another try could send. */
async function sendAll() {
  for (const { submission_id } of (await store.all()).filter(isMine)) {
    const entry = await store.get(submission_id);
    if (!entry || !isMine(entry)) continue;
    const { kind } = await deliver(entry);
    if (kind === "no-answer") return false;
    if (kind === "signed-out" || kind === "foreign") break;
  }
  return true;
}

const isMine = (entry) => entry.state === "unsent" && entry.user === user;

/** One page of several sends; where the browser has no locks the server tells the copies apart. */
function alone(act) {
  if (!navigator.locks) return act();
  return navigator.locks.request("phx-queue", { ifAvailable: true }, (lock) => (lock ? act() : false));
}
