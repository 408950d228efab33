// One form to the server. What comes of it is one of
//   saved       the server has it, from this try or an earlier one; `to` is where, `said` what a page would say
//   refused     it does not take it as it is; `token` lets the form be sent again by hand
//   signed-out  nobody is signed in
//   foreign     somebody else is
//   no-answer   neither yes nor no. It may have it all the same: the same submission may always be sent again

/** How long a slow network is waited for, in milliseconds. */
const PATIENCE = 30000;

const patience = () => AbortSignal.timeout?.(PATIENCE);

/** `how`: "now" if somebody waits to be led to the record, "later" if not. */
export async function send({ user, route, fields }, how) {
  try {
    const asked = await fetch("/csrf", { cache: "no-store", signal: patience() });
    const who = await asked.json();
    if (!who.user) return { kind: "signed-out" };
    if (who.user !== user) return { kind: "foreign" };
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    body.append("csrf_token", who.token);
    return { token: who.token, ...(await post(route, body, how)) };
  } catch {
    return { kind: "no-answer" };
  }
}

/** The same for a form that carries its own token; rejects without an answer. */
export async function post(route, body, how) {
  const headers = { "X-Pentahelix-Queue": how };
  return read(await fetch(route, { method: "POST", body, headers, signal: patience() }));
}

async function read(answer) {
  const { status, headers } = answer;
  // Whatever stands between us and the server may answer too; only the server numbers its answers.
  if (!headers.get("X-Request-ID")) return { kind: "no-answer" };
  if (status === 401) return { kind: "signed-out" };
  if (status >= 400 && status < 500 && status !== 429) return { kind: "refused", status };
  const { saved, said } = status === 200 ? await answer.json() : {};
  return saved ? { kind: "saved", to: saved, said } : { kind: "no-answer" };
}
