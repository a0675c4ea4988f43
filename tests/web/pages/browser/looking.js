// What is looked at on a page, as functions of `window.looking`. The test puts it on the page; no policy of the page stops that.
window.looking = {
  // What people with disabilities cannot use.
  async violations() {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    const message = (node) => [...node.any, ...node.all, ...node.none][0]?.message ?? "";
    const shown = (node) => `${node.target.join(" ")} ${message(node)}`;
    return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map(shown).join(" | ")}`);
  },

  // Marks what the keyboard must reach, and returns it: a group of radio buttons is one place. Notes from now on where it is.
  places() {
    document.addEventListener("focusin", () => looking.noted.push(looking.focused()));
    const seen = new Set(), places = [];
    const asked = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    for (const one of document.querySelectorAll(asked)) {
      if (one.disabled || !one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
      const group = one.type === "radio" ? `radio ${one.name}` : null;
      if (group && seen.has(group)) continue;
      if (group) seen.add(group);
      one.dataset.place = group ?? String(places.length);
      places.push([one.dataset.place, one.outerHTML.slice(0, 90)]);
    }
    return places;
  },

  noted: [],

  // Where the keyboard was since this was asked last.
  visited() {
    return looking.noted.splice(0);
  },

  // Where the focus is, and whether one sees it.
  focused() {
    const one = document.activeElement, style = getComputedStyle(one);
    const place = one.type === "radio" ? `radio ${one.name}` : one.dataset.place;
    return [place ?? null, style.outlineStyle !== "none" && style.outlineWidth !== "0px", one.outerHTML.slice(0, 90)];
  },

  // What stands on a page, without what changes by itself or is drawn by a script.
  text() {
    const main = document.querySelector("main").cloneNode(true);
    main.querySelectorAll(".chart .plot, .chart .canvas, #banner, time, progress, noscript").forEach((one) => one.remove());
    return main.textContent.replace(/[0-9][0-9,.]*( (ms|s|min|h|days?))?/g, "#").replace(/\s+/g, " ").trim();
  },

  // What sends a change: forms that post, buttons with an address of their own, requests of htmx that are no GET.
  changing() {
    const sends = "form[method=post], [formaction], [hx-post], [hx-put], [hx-patch], [hx-delete]";
    return [...document.querySelectorAll(sends)].map((one) => one.outerHTML.slice(0, 90));
  },

  // What makes the page wider than its window; null = nothing does.
  wide() {
    if (document.documentElement.scrollWidth <= window.innerWidth) return null;
    const isOver = (one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.parentElement.closest(".scroll, pre");
    return [...document.querySelectorAll("main *, header *")].filter(isOver).slice(0, 3).map((one) => one.outerHTML.slice(0, 90));
  },
};
