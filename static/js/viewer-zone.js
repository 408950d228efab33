// Adds the viewer's own hours in brackets where their clock shows others: "09.00–11.30 WIB (11.00–13.30 WIT)".
// Without it the hours of the place stand alone, which are the ones that count.

const LETTERS = { "Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT" };
const locale = document.documentElement.lang === "en" ? "en-GB" : "id-ID";
const viewer = Intl.DateTimeFormat().resolvedOptions().timeZone;

function shown(instant, timeZone, options) {
  return new Intl.DateTimeFormat(locale, { timeZone, hourCycle: "h23", ...options }).format(instant);
}
const hour = (instant, zone) => shown(instant, zone, { hour: "2-digit", minute: "2-digit" });
const day = (instant, zone) => shown(instant, zone, { weekday: "long", day: "numeric", month: "long" });

function letters(instant) {
  if (LETTERS[viewer]) return LETTERS[viewer];
  const parts = new Intl.DateTimeFormat("en", { timeZone: viewer, timeZoneName: "shortOffset" }).formatToParts(instant);
  return parts.find((part) => part.type === "timeZoneName").value.replace("GMT", "UTC");
}

for (const place of document.querySelectorAll("[data-starts]")) {
  const { starts, ends, zone } = place.dataset;
  const [begin, end] = [new Date(starts), new Date(ends)];
  if (hour(begin, zone) === hour(begin, viewer) && day(begin, zone) === day(begin, viewer)) continue;
  const other = day(begin, zone) === day(begin, viewer) ? "" : `${day(begin, viewer)}, `;
  place.append(` (${other}${hour(begin, viewer)}–${hour(end, viewer)} ${letters(begin)})`);
}
