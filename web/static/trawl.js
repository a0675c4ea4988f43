// What pages do beyond their HTML. Each works without: charts are drawn by the server, filters are forms, figures are as old as the page.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const clock = (at) => new Date(at).toISOString().slice(11, 19) + " UTC";

  // --- charts: uPlot in place of the drawing of the server ---

  const DASHES = [[], [7, 4], [1.5, 3.5], [9, 3, 2, 3], [12, 5], [4, 2], [2, 6], [9, 3, 2, 3, 2, 3]];
  const HEIGHT = 240;
  const plots = new Map(); // canvas → {plot, told}
  let library = null;

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const loaded = () => library ??= new Promise((done, failed) => {
    const { plotScript, plotStyle } = document.body.dataset;
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: plotStyle }));
    document.head.append(Object.assign(document.createElement("script"), { src: plotScript, onload: done, onerror: failed }));
  });

  // Areas and bars as they stand on those before them; a gap stays a gap.
  function stacked(series) {
    const tops = {};
    return series.map((one) => {
      if (one.kind === "line") return one.values;
      const below = tops[one.kind + one.scale] ?? one.values.map(() => 0);
      const top = tops[one.kind + one.scale] = below.map((floor, at) => floor + (one.values[at] ?? 0));
      return top.map((value, at) => one.values[at] === null ? null : value);
    });
  }

  function lineOf(told, one, number) {
    const color = css(`--c${number % 8}`), uPlot = window.uPlot;
    return {
      label: one.label, scale: one.scale, stroke: color, width: one.kind === "line" ? 2 : 1, spanGaps: false,
      dash: one.kind === "bars" ? [] : DASHES[number % 8],
      points: { show: one.kind !== "bars", size: 6, fill: color, filter: (plot, at) => alone(plot.data[at]) },
      fill: one.kind === "line" ? undefined : color + "70",
      paths: one.kind === "bars" ? uPlot.paths.bars({ size: [0.8, 60] }) : undefined,
      value: (plot, value, at, place) => place === null || told.series[at - 1].values[place] === null
        ? "–" : told.series[at - 1].values[place].toLocaleString("en-US"),
    };
  }

  // Places of values between two gaps: a line would not show them.
  const alone = (values) => [...values.keys()].filter((at) => values[at] !== null && values[at - 1] == null && values[at + 1] == null);

  // Letters where a stacked area is thick enough, as in the drawing of the server.
  function lettersOf(told) {
    const areas = told.series.map((one, number) => [one, number]).filter(([one]) => one.kind === "area");
    return (plot) => {
      const { ctx, bbox } = plot, ratio = window.uPlot.pxRatio;
      if (areas.length < 2) return;
      ctx.save();
      ctx.fillStyle = css("--ink");
      ctx.font = `${12 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = "center";
      areas.forEach(([one, number], order) => {
        const below = areas.slice(0, order).filter(([other]) => other.scale === one.scale).at(-1);
        const place = (at) => {
          const floor = below ? plot.data[below[1] + 1][at] ?? 0 : 0, top = plot.data[number + 1][at];
          if (top === null) return [0, 0, 0];
          const [high, low] = [plot.valToPos(top, one.scale, true), plot.valToPos(floor, one.scale, true)];
          return [low - high, plot.valToPos(plot.data[0][at], "x", true), (low + high) / 2];
        };
        const inside = ([, x]) => x > bbox.left + 12 * ratio && x < bbox.left + bbox.width - 12 * ratio;
        const [thick, x, y] = [...told.times.keys()].map(place).filter(inside).reduce((best, next) => next[0] > best[0] ? next : best, [0, 0, 0]);
        if (thick > 14 * ratio) ctx.fillText(String.fromCharCode(65 + order % 26), x, y + 4 * ratio);
      });
      ctx.restore();
    };
  }

  function notesOf(told) {
    return (plot) => {
      const { ctx, bbox } = plot, ratio = window.uPlot.pxRatio;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = css("--ink");
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.font = `${12 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = "center";
      told.notes.forEach(([at], number) => {
        const { min, max } = plot.scales.x;
        if (at < min || at > max) return;
        const x = plot.valToPos(at, "x", true);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.fillText(String(number + 1), x, bbox.top - 3 * ratio);
      });
      ctx.restore();
    };
  }

  function optionsOf(told, width) {
    const grid = { stroke: css("--line"), width: 1 }, stroke = css("--dim"), uPlot = window.uPlot;
    const other = told.series.map((one) => one.scale).find((scale) => scale !== "y");
    const figures = (unit) => (plot, values) => values.map((value) => value.toLocaleString("en-US") + (unit && unit.length <= 3 ? ` ${unit}` : ""));
    const axes = [{ stroke, grid, values: moments }, { stroke, grid, size: 60, values: figures(told.unit) }];
    if (other) axes.push({ stroke, grid: { show: false }, side: 1, scale: other, size: 60, values: figures(other) });
    const edge = told.series.some((one) => one.kind === "bars") ? (told.times.at(-1) - told.times[0]) / (told.times.length - 1) / 2 : 0;
    const scales = { x: { time: true, range: (plot, low, high) => [low - edge, high + edge] }, y: told.inverted
      ? { dir: -1, range: (plot, low, high) => [1, Math.max(2, high)] }
      : { range: (plot, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } };
    if (told.inverted) axes[1].splits = (plot, at, low, high) => ranks(low, high);
    if (other) scales[other] = { range: (plot, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] };
    return {
      width, height: HEIGHT, scales, axes, series: [{ value: told.days ? "{YYYY}-{MM}-{DD}" : "{YYYY}-{MM}-{DD} {HH}:{mm} UTC" }, ...told.series.map((one, number) => lineOf(told, one, number))],
      bands: bandsOf(told), tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"), hooks: { draw: [notesOf(told), lettersOf(told)] },
      cursor: { y: false }, padding: [12, 12, 0, 0],
    };
  }

  // Days, or hours with the day at midnight; all times are UTC.
  function moments(plot, times) {
    const day = (at) => at.toLocaleDateString("en-US", { month: "short", day: "numeric", timeZone: "UTC" });
    return times.map((time) => new Date(time * 1000)).map((at) => at % 86400000 ? at.toISOString().slice(11, 16) : day(at));
  }

  function ranks(low, high) {
    const step = [1, 2, 5, 10, 20, 50, 100].find((size) => (high - low) / size <= 6) ?? 200;
    const found = [low];
    for (let at = Math.ceil(low / step) * step; at <= high; at += step) if (at - low >= step / 2) found.push(at);
    return found;
  }

  // Of two areas on each other only what lies between them is filled.
  function bandsOf(told) {
    const bands = [], last = {};
    told.series.forEach((one, number) => {
      if (one.kind === "line") return;
      const below = last[one.kind + one.scale];
      if (below !== undefined) bands.push({ series: [number + 1, below + 1] });
      last[one.kind + one.scale] = number;
    });
    return bands;
  }

  async function draw(canvas) {
    const told = JSON.parse(canvas.dataset.chart);
    if (told.times.length < 2) return;
    try { await loaded(); } catch { return; } // the drawing of the server stays
    if (!canvas.isConnected) return;
    plots.get(canvas)?.plot.destroy();
    canvas.hidden = false;
    const picture = $(".plot", canvas.parentNode);
    if (picture) picture.hidden = true;
    const plot = new window.uPlot(optionsOf(told, canvas.clientWidth), [told.times, ...stacked(told.series)], canvas);
    plots.set(canvas, { plot, told: canvas.dataset.chart });
    watched.observe(canvas);
  }

  // Draw what is new or changed, and forget what is gone.
  function drawAll() {
    for (const canvas of plots.keys()) if (!canvas.isConnected) plots.get(canvas).plot.destroy(), plots.delete(canvas);
    for (const canvas of all("[data-chart]")) {
      const known = plots.get(canvas);
      if (!known || known.told !== canvas.dataset.chart || !known.plot.root.isConnected) draw(canvas);
    }
  }

  const watched = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    const plot = plots.get(target)?.plot;
    if (plot && target.clientWidth && plot.width !== target.clientWidth) plot.setSize({ width: target.clientWidth, height: HEIGHT });
  }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all("[data-chart]").forEach(draw));

  // --- live parts: [data-live] sections follow what happens ---

  const EVERY_S = 5, MOST_S = 30, STORED = "trawl-live";
  const button = $("#live"), banner = () => $("#banner");
  const live = { last: document.body.dataset.at, failures: 0, timer: 0, asking: false };
  const parts = () => all("[data-live]").filter((part) => part.id);
  const everyS = () => Math.min(...parts().map((part) => Number(part.dataset.live) || EVERY_S));
  const isPaused = () => sessionStorage.getItem(STORED) === "paused";

  // Somebody types, reads a folded text, marks a text, or is about to press something in there.
  function isUsed(part) {
    const active = document.activeElement, marked = getSelection();
    return (part.contains(active) && !active.matches(".scroll"))
      || (!marked.isCollapsed && part.contains(marked.anchorNode))
      || $("details[open], a:hover, button:hover", part) !== null
      || all("input, select, textarea", part).some(isChanged);
  }

  // A tick that stays where its row goes would act on another row.
  function isChanged(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
    return field.type !== "hidden" && field.value !== field.defaultValue;
  }

  const isLogin = (url) => new URL(url).pathname.endsWith("/login");

  function showState(state) {
    if (button.textContent !== `Live: ${state}`) button.textContent = `Live: ${state}`;
  }

  function tellOld(says, link) {
    const text = document.createElement("p");
    text.textContent = `These figures are of ${live.last}. ${says} `;
    if (link) text.append(Object.assign(document.createElement("a"), { href: link, textContent: "Log in" }));
    banner().replaceChildren(text);
    banner().hidden = false;
  }

  async function ask() {
    const reply = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(15000) });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (reply.redirected && isLogin(reply.url)) return { loggedOut: reply.url };
    const says = $(".banner[data-retry], .problem", page)?.textContent.trim();
    return reply.ok ? { page } : { says: says || `The server answers with ${reply.status}.` };
  }

  async function refresh() {
    live.asking = true;
    const { page, says, loggedOut } = await ask().catch(() => ({ says: "The server does not answer." }));
    live.asking = false;
    if (loggedOut) return tellOld("You are logged out.", loggedOut), false;
    if (!page) return live.failures += 1, tellOld(`${says} They go on by themselves.`), true;
    live.failures = 0;
    if (!isPaused()) await take(page);
    return true;
  }

  async function take(page) {
    const waiting = parts().filter(isUsed);
    for (const part of parts()) {
      const fresh = page.getElementById(part.id);
      if (fresh && !waiting.includes(part)) {
        await window.htmx.swap({ text: fresh.outerHTML, target: part, sourceElement: part, swap: "outerMorph ignoreTitle:true" });
      }
    }
    if (!waiting.length) live.last = page.body.dataset.at;
    banner().hidden = true;
    banner().replaceChildren();
    document.title = page.title;
    drawAll();
  }

  async function turn() {
    clearTimeout(live.timer);
    if (!parts().length || live.asking) return;
    let goesOn = true;
    if (isPaused()) return showState("paused");
    const isWaiting = parts().every(isUsed);
    showState(isWaiting ? "waits for you" : "on");
    if (!isWaiting && document.visibilityState === "visible") goesOn = await refresh();
    if (goesOn) live.timer = setTimeout(turn, 1000 * (isWaiting ? 1 : Math.min(MOST_S, everyS() * 2 ** live.failures)));
  }

  function startLive() {
    button.hidden = !parts().length;
    if (button.hidden) return;
    showState(isPaused() ? "paused" : "on");
    live.timer = setTimeout(turn, 1000 * everyS());
  }

  button?.addEventListener("click", () => {
    sessionStorage.setItem(STORED, isPaused() ? "on" : "paused");
    turn();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && turn());

  // --- a page that Redis could not fill loads itself again ---

  function retry() {
    const waits = $("[data-retry]");
    if (!waits) return startLive();
    setTimeout(async function again() {
      const isBack = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" }).then((reply) => reply.ok, () => false);
      if (isBack) location.reload();
      else setTimeout(again, 1000 * waits.dataset.retry);
    }, 1000 * waits.dataset.retry);
  }

  // --- filters: found as one types; only what is filled stands in the address ---

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const { body } = ctx.request;
    if (ctx.sourceElement.matches(".filters")) for (const [name, value] of [...body]) if (value === "") body.delete(name);
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { redirected, url } = event.detail.ctx.response.raw;
    if (!redirected || !isLogin(url)) return;
    event.preventDefault();
    location.assign(url);
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (!ctx.sourceElement.matches(".filters")) return;
    const says = ctx.response.status < 400 ? null : $(".banner[data-retry], .problem", new DOMParser().parseFromString(ctx.text, "text/html"));
    banner().textContent = says?.textContent.trim() ?? "";
    banner().hidden = !says;
  });
  document.addEventListener("htmx:after:swap", () => { drawAll(); button.hidden = !parts().length; });
  document.addEventListener("htmx:error", () => {
    banner().textContent = "The server does not answer. Try again.";
    banner().hidden = false;
  });

  drawAll();
  retry();
})();
