// What a page looks like, asked by tests/browser/test_pages.py in the page itself.
() => {
  const name = (e) => e.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex]";
  const controls = [...document.querySelectorAll(CONTROLS)].filter(
    (e) => shown(e) && !e.disabled && e.tabIndex >= 0,
  );
  // Of a group of radio buttons the keyboard stops at one.
  const stops = controls.filter((e) => {
    if (e.type !== "radio") return true;
    const group = controls.filter((o) => o.type === "radio" && o.name === e.name && o.form === e.form);
    return e === (group.find((o) => o.checked) ?? group[0]);
  });
  const within = (e) => [e, ...(e.labels ?? [])];
  // Whether the one or its label lies on top at a point; a line of a dialog lies above what it hides.
  const hit = (e, x, y) => {
    const top = document.elementFromPoint(x, y);
    return top !== null && within(e).some((o) => o.contains(top) || top.contains(e) && getComputedStyle(o).position === "absolute");
  };
  const style = (e) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderTopColor } = getComputedStyle(e);
    const outline = outlineStyle === "none" || parseFloat(outlineWidth) < 1 ? "" : outlineWidth + outlineColor;
    return { outline, boxShadow, borderTopColor };
  };
  const frames = (e) => [e, e.closest("label"), e.closest(".chip, .choice")].filter(Boolean);

  window.look = {
    stops: stops.map(name),

    // Before the keyboard comes: how each stop looks when it is not in focus.
    begin() {
      // The keyboard begins here, wherever the page has put the focus.
      const start = document.createElement("span");
      start.tabIndex = -1;
      document.body.prepend(start);
      start.focus();
      window.looks = new Map(stops.map((e) => [e, frames(e).map(style)]));
      window.stops = stops;
      scrollTo(0, 0);
    },

    // Where the focus is, and what is wrong with that place.
    here() {
      const e = document.activeElement;
      if (!e || e === document.body || e === document.documentElement) return null;
      const wrong = [];
      // The inner stops of a day or an hour, and what stands in a frame, are marked by the browser.
      const before = e !== window.last && e.tagName !== "IFRAME" && window.looks.get(e);
      window.last = e;
      if (before && !frames(e).some((o, i) => {
        const now = style(o);
        return now.outline ? now.outline !== before[i].outline : now.boxShadow !== before[i].boxShadow;
      })) wrong.push("shows no focus");
      const seen = within(e).map((o) => o.getBoundingClientRect()).filter((r) => r.width > 1 && r.height > 1);
      const box = seen.at(-1) ?? e.getBoundingClientRect();
      const bar = document.querySelector(".bottombar, .savebar");
      const fixed = bar && getComputedStyle(bar).position === "fixed" && shown(bar) && !bar.contains(e);
      const floor = fixed ? bar.getBoundingClientRect().top : innerHeight;
      // Of a frame the browser shows the link in it that has the focus.
      if (box.bottom <= 0 || box.top >= innerHeight) wrong.push("is out of sight");
      else if (e.tagName !== "IFRAME" && box.height <= floor && (box.top < -1 || box.bottom > floor + 1)) wrong.push("is cut off or under the bar");
      else if (box.right <= 0 || box.left >= innerWidth) wrong.push("is beside the page");
      return { at: window.stops.indexOf(e), name: name(e), wrong };
    },

    // Targets lower than 44 pixels where a thumb presses them; links within a sentence aside.
    small() {
      const low = [];
      for (const e of controls) {
        if (e.tagName === "IFRAME" || e.matches("[tabindex]:not(a, button, input, select, textarea, summary)")) continue;
        const line = e.closest("p, li, dd, td, dt, div, span, h1, h2, h3");
        const alone = e.tagName !== "A" || getComputedStyle(e).display !== "inline" ||
          line?.textContent.trim() === e.textContent.trim();
        if (!alone || e.closest(".skip")) continue;
        const boxes = within(e).map((o) => o.getBoundingClientRect());
        // A link that is a line of its own has a line's height at least, all else what a thumb needs.
        const needed = getComputedStyle(e).display === "inline" && !e.closest("nav") ? 24 : 43.5;
        if (boxes.some((r) => r.height >= needed)) continue;
        e.scrollIntoView({ block: "center", inline: "center" });
        const r = e.getBoundingClientRect();
        const x = r.left + Math.min(r.width / 2, 20), y = r.top + r.height / 2;
        if (r.width < 4 || r.height < 4) continue;
        let reach = 0;
        for (const way of [-1, 1]) {
          for (let step = 0.5; step < 44 && hit(e, x, y + way * step); step += 1) reach += 1;
        }
        if (reach < needed - 1) low.push(`${Math.round(r.height)} (${reach}) px: ${name(e)}`);
      }
      scrollTo(0, 0);
      return low;
    },

    // What still moves for people who asked for stillness.
    moving() {
      const times = (text) => Math.max(...text.split(",").map(parseFloat));
      return [...document.querySelectorAll("*")]
        .filter((e) => ["", "::before", "::after"].some((part) => {
          const s = getComputedStyle(e, part);
          return times(s.transitionDuration) > 0 || (times(s.animationDuration) > 0 && s.animationName !== "none");
        }))
        .map(name).concat(document.getAnimations().filter((a) => a.playState === "running").map(String));
    },

    // What is wider than its place: the page, and controls and headings whose words are cut.
    cut() {
      const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth + 1 ? ["the page scrolls sideways"] : [];
      const tight = [...document.querySelectorAll(".btn, button, label, summary, h1, h2, h3, dt, .badge")]
        .filter((e) => shown(e) && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).overflowX !== "visible")
        .map((e) => `its words are cut: ${name(e)}`);
      return wide.concat(tight);
    },
  };
  return window.look.stops.length;
}
