"use strict";
// The page of one run at any instant: a slider over its time, a cross-hair over all charts, closer looks at a stretch,
// marked events, filters and search. Owns what it adds; without it the page is whole. What somebody may have written
// becomes text and nothing else. Invariants: all charts show the same stretch; what is said of an instant is in the data.
(() => {
  const data = JSON.parse(document.getElementById("run").textContent);
  if (!(data.end > 0)) return;
  const timeline = document.querySelector('section[aria-labelledby="timeline"]');
  const stretches = data.windows.map(([from, to, cell]) => ({ from, to, cell }));
  const whole = stretches.length - 1;
  const ACTORS = ["fault", "world", "control", "people"];
  // The shortest stretch that can be looked at. Unit: seconds, like all times here.
  const SHORTEST = Math.min(1, data.end);
  // How far a pointer moves before it means a stretch and no longer a point. Unit: pixels.
  const DRAG = 6;

  const view = { from: 0, to: data.end, stretch: whole };
  let chosen = 0;
  let hovered = null;
  let marked = null;

  // ---- Elements -----------------------------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";
  const set = (node, attributes) => {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const make = (name, attributes = {}, ...inside) => {
    const node = set(document.createElement(name), attributes);
    node.append(...inside);
    return node;
  };
  const shape = (name, attributes) => set(document.createElementNS(SVG, name), attributes);
  const button = (text, does, attributes = {}) => {
    const node = make("button", { type: "button", ...attributes }, text);
    node.addEventListener("click", does);
    return node;
  };
  const limited = (value, from, to) => Math.min(Math.max(value, from), to);
  const isInView = (instant) => instant >= view.from && instant <= view.to;

  // ---- What is written ----------------------------------------------------------------------------------------------

  const two = (n) => String(n).padStart(2, "0");
  // As the rest of the page writes it: 5:10.1, 1:02:03.4.
  const clock = (at) => {
    const tenths = Math.floor(at * 10 + 1e-6);
    const seconds = Math.floor(tenths / 10);
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    return `${h > 0 ? `${h}:${two(m)}` : m}:${two(s)}.${tenths % 10}`;
  };
  const sinceFault = (at) => (data.fault === null || at < data.fault ? "" : `T+${clock(at - data.fault)}`);
  const moment = (at) => `${clock(at)} ${sinceFault(at)}`.trim();
  // As a link has it, and an axis: 5m10.1s, to the millisecond.
  const linked = (at) => {
    const millis = Math.round(at * 1000);
    const [h, m, s] = [Math.floor(millis / 3600000), Math.floor(millis / 60000) % 60, (millis % 60000) / 1000];
    const parts = [h && `${h}h`, m && `${m}m`, s && `${s}s`].filter(Boolean);
    return parts.join("") || "0s";
  };
  const read = (text) => {
    const units = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
    const colons = /^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
    const found = text ? (units ?? colons) : null;
    return found ? (+found[1] || 0) * 3600 + (+found[2] || 0) * 60 + (+found[3] || 0) : null;
  };
  const decimals = (value) => {
    if (value >= 99.95) return Math.round(value).toLocaleString("en-US");
    const text = value.toFixed(value >= 9.995 ? 1 : 2);
    return text.replace(/\.?0+$/, "");
  };
  const lasted = (millis) => {
    if (millis < 1) return `${decimals(millis * 1000)}us`;
    if (millis < 999.5) return `${Math.round(millis)}ms`;
    const tenths = Math.round(millis / 100);
    if (tenths < 600) return `${tenths / 10}s`;
    if (tenths < 36000) return `${Math.floor(tenths / 600)}m ${(tenths % 600) / 10}s`;
    const s = Math.round(tenths / 10);
    return `${Math.floor(s / 3600)}h ${two(Math.floor(s / 60) % 60)}m ${two(s % 60)}s`;
  };
  const written = (value, unit) => {
    if (value === null) return "no data";
    if (unit === "share") return `${decimals(value * 100)}%`;
    if (unit === "rate") return `${decimals(value)}/s`;
    return unit === "ms" ? (value === 0 ? "0s" : lasted(value)) : decimals(value);
  };

  // ---- Values at an instant -----------------------------------------------------------------------------------------

  const decoded = (text) =>
    text.split(" ").flatMap((token) => {
      const [value, times] = token.split("*");
      return Array(+times || 1).fill(value === "-" ? null : +value);
    });
  const lineOf = ([name, unit, cells]) => ({ name, unit, cells: cells.map(decoded) });
  const charts = data.charts.map(({ slug, lines }) => ({ slug, lines: lines.map(lineOf) }));
  const tracks = data.tracks.map((track) => ({ ...track, lines: track.lines.map(lineOf) }));

  const narrowest = (from, to) => {
    const holds = stretches.map((s, i) => (s.from <= from && to <= s.to ? i : -1)).filter((i) => i >= 0);
    const length = (i) => stretches[i].to - stretches[i].from;
    return holds.reduce((best, i) => (length(i) < length(best) ? i : best), whole);
  };
  const valueOf = (line, at) => {
    const stretch = narrowest(at, at);
    const cells = line.cells[stretch];
    const index = Math.floor((at - stretches[stretch].from) / stretches[stretch].cell + 1e-9);
    return cells[Math.min(index, cells.length - 1)] ?? null;
  };
  const figures = (lines, at) => lines.map((line) => `${line.name} ${written(valueOf(line, at), line.unit)}`);
  // The last of what is in order of time, not later than `at`.
  const lastOf = (list, at) => list.findLast(([when]) => when <= at);

  // ---- Pictures over the stretch that is looked at --------------------------------------------------------------------

  const pictures = [...document.querySelectorAll("[data-window] svg[data-plot]")].map((svg, i) => {
    const [left, right, top, bottom] = svg.dataset.plot.split(" ").map(Number);
    const stretch = +svg.closest("[data-window]").dataset.window;
    return { svg, left, right, top, bottom, stretch, id: `zoom${i}`, parts: null };
  });
  const shown = () => pictures.filter((picture) => picture.stretch === view.stretch);
  const isDrawn = (picture) => picture.svg.getClientRects().length > 0;
  const placeOf = (picture, at) =>
    picture.left + ((at - view.from) / (view.to - view.from)) * (picture.right - picture.left);
  const instantAt = (picture, event) => {
    const box = picture.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * picture.svg.viewBox.baseVal.width;
    const part = (x - picture.left) / (picture.right - picture.left);
    return part < -0.02 || part > 1.02 ? null : view.from + limited(part, 0, 1) * (view.to - view.from);
  };

  // What of a picture moves with time: what is stretched with it, what only moves, and what is written anew.
  const partsOf = (picture) => {
    const parts = { stretched: [], moved: [], ticks: [] };
    let before = null;
    for (const node of [...picture.svg.children]) {
      const is = (name) => node.classList.contains(name);
      const top = node.localName === "path" ? +/^M\S+ (\S+?)[A-Z]/.exec(node.getAttribute("d"))?.[1] : +node.getAttribute("y");
      if (node.localName === "text") {
        const x = +node.getAttribute("x");
        if (top > picture.bottom) parts.ticks.push(node);
        else if (top >= picture.top && x >= picture.left && !["name", "soft", "row"].some(is)) {
          parts.moved.push(label(node, x, before));
        }
      } else if (is("grid")) {
        if (/^M\S+ \S+V\S+$/.test(node.getAttribute("d"))) parts.ticks.push(node);
      } else if (is("mark")) {
        const place = +/L(\S+) /.exec(node.getAttribute("d"))[1];
        parts.moved.push({ node, x: place, place });
      } else if (node.localName === "rect" || (node.localName === "path" && !is("lane") && !is("axis") && top >= picture.top)) {
        parts.stretched.push(node);
      }
      before = node;
    }
    return parts;
  };
  // A label stands so far from what it names, which is what moves.
  const label = (node, x, before) => {
    if (node.classList.contains("on-bar")) {
      const [from, width] = [+before.getAttribute("x"), +before.getAttribute("width")];
      return { node, x, place: x, bar: [from, from + width] };
    }
    const away = before.classList.contains("mark") ? 8 : node.matches(".fault-name, .recovered-name") ? 4 : 6;
    const isBefore = node.getAttribute("text-anchor") === "end";
    return { node, x, place: isBefore ? x + away : x - away, isBefore };
  };

  const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const ticks = (picture) => {
    const most = picture.svg.viewBox.baseVal.width > 500 ? 8 : 4;
    const wanted = (view.to - view.from) / most;
    const step = STEPS.find((step) => step >= wanted) ?? Math.ceil(wanted / 86400) * 86400;
    const group = shape("g", { class: "ticks" });
    for (let n = Math.ceil(view.from / step - 1e-9); n * step <= view.to + 1e-9; n += 1) {
      const x = placeOf(picture, n * step).toFixed(1);
      const anchor = x > picture.right - 20 ? "end" : x < 20 ? "start" : "middle";
      const text = shape("text", { class: "small", x, y: picture.bottom + 15, "text-anchor": anchor });
      text.textContent = linked(n * step);
      group.append(shape("path", { class: "grid", d: `M${x} ${picture.bottom}V${picture.top}` }), text);
    }
    return group;
  };

  const draw = (picture) => {
    const { from, to } = stretches[picture.stretch];
    const { svg, left, right, top, bottom, id } = picture;
    if (!picture.parts) {
      picture.parts = partsOf(picture);
      picture.clip = shape("rect", { y: top - 4, height: bottom - top + 8 });
      svg.append(shape("clipPath", { id }));
      svg.lastChild.append(picture.clip);
    }
    svg.querySelector(".ticks")?.remove();
    const isWhole = view.from === from && view.to === to;
    const scale = (to - from) / (view.to - view.from);
    const start = left + ((view.from - from) / (to - from)) * (right - left);
    const x = (old) => left + (old - start) * scale;
    const show = (node, holds) => (holds ? node.removeAttribute("visibility") : node.setAttribute("visibility", "hidden"));
    set(picture.clip, { x: start - 1 / scale, width: (right - left + 2) / scale });
    for (const node of picture.parts.stretched) {
      if (isWhole) ["transform", "clip-path"].forEach((name) => node.removeAttribute(name));
      else set(node, { transform: `matrix(${scale} 0 0 1 ${left - start * scale} 0)`, "clip-path": `url(#${id})` });
    }
    for (const part of picture.parts.moved) {
      let place = x(part.place);
      if (part.bar) {
        const [begin, end] = part.bar.map((old) => limited(x(old), left, right));
        place = (begin + end) / 2;
        show(part.node, isWhole || end - begin > part.node.textContent.length * 6);
      } else {
        show(part.node, isWhole || (place >= left - 1 && place <= right + 1));
      }
      if (isWhole) part.node.removeAttribute("transform");
      else part.node.setAttribute("transform", `translate(${place - part.place} 0)`);
      // What would end beyond the picture stands before what it names.
      const turns = !isWhole && part.isBefore === false && place + part.node.textContent.length * 6 > right;
      if (part.isBefore === false) {
        set(part.node, { "text-anchor": turns ? "end" : "start", x: turns ? 2 * part.place - part.x : part.x });
      }
    }
    picture.parts.ticks.forEach((node) => show(node, isWhole));
    if (!isWhole) svg.prepend(ticks(picture));
  };

  // A line through a picture, of which there is one of each kind.
  const through = (picture, kind, at) => {
    let line = picture.svg.querySelector(`.${kind}`);
    if (at === null || !isInView(at)) return line?.remove();
    if (!line) picture.svg.append((line = shape("line", { class: kind, y1: picture.top, y2: picture.bottom })));
    const x = placeOf(picture, at).toFixed(1);
    return set(line, { x1: x, x2: x });
  };
  const band = (picture, ends) => {
    picture.svg.querySelector(".picked")?.remove();
    if (!ends) return;
    const [x1, x2] = ends.map((at) => placeOf(picture, at)).sort((a, b) => a - b);
    const box = { x: x1, width: x2 - x1, y: picture.top, height: picture.bottom - picture.top };
    picture.svg.append(shape("rect", { class: "picked", ...box }));
  };

  // ---- The bar and the table ------------------------------------------------------------------------------------------

  const slider = make("input", { type: "range", id: "at", "aria-label": "Instant of the run", step: "any" });
  const now = make("output", { for: "at", "aria-live": "off" });
  const said = make("p", { role: "status", class: "unseen" });
  const looked = make("span", { class: "looked" });
  const strip = shape("svg", { class: "strip", viewBox: "0 0 1000 12", preserveAspectRatio: "none", role: "img" });
  const reset = button("Reset", () => zoom(home.from, home.to), { title: "The stretch the page began with" });
  const closer = button("Closer", () => around(0.5), { title: "Half the stretch, around the instant" });
  const wider = button("Wider", () => around(2), { title: "Twice the stretch, around the instant" });
  const stretchButtons = stretches.map(({ from, to }, i) => {
    const name = i === whole ? "Whole run" : `${clock(from)} to ${clock(to)}`;
    return button(name, () => zoom(from, to), { "aria-pressed": "false" });
  });
  const bar = make("div", { class: "dock", role: "group", "aria-label": "Instant and stretch of the run" },
    make("div", { class: "when" }, button("‹", () => hop(-1), { "aria-label": "Event before" }), now,
      button("›", () => hop(1), { "aria-label": "Next event" }), looked),
    make("div", { class: "run" }, strip, slider),
    make("div", { class: "stretches" }, ...stretchButtons, closer, wider, reset),
    said);

  const HEADS = ["Then", "Since", "Last changed by"];
  const rows = tracks.map((track) => {
    const cells = HEADS.map(() => make("div"));
    const columns = cells.map((cell, i) => make("td", { role: "cell", "data-head": HEADS[i] }, cell));
    const row = make("tr", { role: "row" }, make("th", { role: "rowheader", scope: "row" }, track.name), ...columns);
    return { track, row, cells };
  });
  const caption = make("caption");
  const head = ["Of the run", ...HEADS].map((text) => make("th", { role: "columnheader", scope: "col" }, text));
  const table = make("table", { role: "table", class: "tracks" }, caption,
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...head)),
    make("tbody", { role: "rowgroup" }, ...rows.map(({ row }) => row)));
  const gaps = tracks.flatMap(({ gaps }) => gaps).sort((a, b) => a[0] - b[0]);
  const MOST_GAPS = 12;
  const gapList = make("ul", { class: "gaps" }, ...gaps.slice(0, MOST_GAPS).map(([from, to, missed, text]) =>
    make("li", {}, button(`${clock(from)} to ${clock(to)}`, () => go(from)), make("span", { class: missed ? "missed" : "false" }, ` ${text}`))));
  const leftOut = gaps.length > MOST_GAPS ? [make("p", { class: "more" }, `${gaps.length - MOST_GAPS} more are on the slider.`)] : [];
  const section = make("section", { class: "instant", "aria-labelledby": "instant" },
    make("h2", { id: "instant" }, "At any instant"),
    make("p", {}, "Move the slider, or point at a chart; drag over a chart to look closer. ",
      "A link to this page keeps the instant."),
    make("div", { class: "scroll" }, table),
    make("h3", {}, "Where what was seen differs from the truth"),
    ...(gaps.length > 0 ? [gapList, ...leftOut] : [make("p", {}, "Nowhere in this run.")]));

  const fill = ({ track, cells: [state, since, last] }, at) => {
    const [noState, noEvent] = track.cut.map((cut) => cut !== null && at >= cut);
    const stands = lastOf(track.states, at);
    const lines = [...charts.filter((chart) => track.charts.includes(chart.slug)).flatMap((chart) => chart.lines), ...track.lines];
    const values = figures(lines, at).join(", ");
    const open = track.gaps.filter(([from, to]) => from <= at && at < to);
    state.replaceChildren(
      make("b", {}, noState ? "more changes than this page has" : stands ? stands[1] : "nothing is known"),
      ...(values ? [make("span", { class: "below" }, values)] : []),
      ...open.map(([, , missed, text]) => make("span", { class: missed ? "missed" : "false" }, `≠ ${text}`)),
    );
    since.textContent = stands && !noState ? clock(stands[0]) : "–";
    const event = lastOf(track.events, at);
    last.textContent = noEvent ? "results.json has all events" : event ? `${clock(event[0])} ${event[1]}` : "–";
  };

  const readouts = [...document.querySelectorAll("[data-window] .charts")].flatMap((group) =>
    [...group.children].map((figure, i) => {
      const node = make("p", { class: "readout" });
      figure.querySelector("figcaption").after(node);
      return { node, chart: charts[i], stretch: +group.closest("[data-window]").dataset.window };
    }));

  const at = () => hovered ?? chosen;
  const show = () => {
    const instant = at();
    now.textContent = moment(instant);
    slider.value = String(instant);
    slider.setAttribute("aria-valuetext", moment(instant));
    const { cell } = stretches[narrowest(instant, instant)];
    const mean = cell > 1 ? `, means of ${lasted(cell * 1000)}` : "";
    caption.textContent = `At ${moment(instant)}${mean && `; figures are${mean.slice(1)}`}`;
    rows.forEach((row) => fill(row, instant));
    for (const { node, chart, stretch } of readouts) {
      if (stretch === view.stretch) node.textContent = `${clock(instant)}: ${figures(chart.lines, instant).join(", ")}${mean}`;
    }
    for (const picture of shown().filter(isDrawn)) {
      through(picture, "hair", instant);
      through(picture, "chosen", marked);
    }
  };

  // ---- What a reader does ---------------------------------------------------------------------------------------------

  const link = () => {
    // A page of a file may not be allowed to, and a browser may have had enough.
    try { history.replaceState(null, "", `#t=${linked(chosen)}`); } catch { /* The page works without. */ }
  };
  const choose = (instant, { keeps = true } = {}) => {
    chosen = limited(instant, 0, data.end);
    hovered = null;
    if (!isInView(chosen)) zoom(stretches[whole].from, stretches[whole].to);
    show();
    if (keeps) link();
  };
  const go = (instant) => [choose(instant), (said.textContent = moment(chosen))];
  const zoom = (from, to) => {
    const length = Math.max(to - from, SHORTEST);
    view.from = limited(from, 0, Math.max(data.end - length, 0));
    view.to = Math.min(view.from + length, data.end);
    view.stretch = narrowest(view.from, view.to);
    for (const node of document.querySelectorAll("[data-window]")) {
      const isShown = +node.dataset.window === view.stretch;
      node.classList.toggle("shown", isShown);
      const folded = isShown && node.querySelector(":scope > details");
      if (folded) folded.open = true;
    }
    shown().forEach(draw);
    set(slider, { min: view.from, max: view.to });
    looked.textContent = `${clock(view.from)} to ${clock(view.to)}`;
    stretchButtons.forEach((node, i) =>
      node.setAttribute("aria-pressed", String(stretches[i].from === view.from && stretches[i].to === view.to)));
    const part = (instant) => (limited((instant - view.from) / (view.to - view.from), 0, 1) * 1000).toFixed(1);
    strip.replaceChildren(...gaps.filter(([begin, end]) => end > view.from && begin < view.to).map(([begin, end, missed]) =>
      shape("rect", { class: missed ? "missed" : "false", x: part(begin), width: Math.max(part(end) - part(begin), 2), y: missed ? 0 : 6, height: 6 })));
    strip.setAttribute("aria-label", `${strip.children.length} gaps between what was seen and the truth, listed below`);
    if (isInView(chosen)) show();
    else choose(limited(chosen, view.from, view.to));
  };
  const around = (factor) => {
    const length = Math.min((view.to - view.from) * factor, data.end);
    zoom(chosen - length * ((chosen - view.from) / (view.to - view.from)), chosen + length * ((view.to - chosen) / (view.to - view.from)));
  };
  const home = stretches[0];

  const happened = [...new Set([...document.querySelectorAll("tr[data-at]")].map((row) => +row.dataset.at))].sort((a, b) => a - b);
  const hop = (way) => {
    const next = way > 0 ? happened.find((when) => when > chosen + 1e-9) : happened.findLast((when) => when < chosen - 1e-9);
    if (next !== undefined) mark(next);
  };
  const mark = (instant) => {
    marked = instant;
    for (const node of document.querySelectorAll("[data-at]")) {
      const isIt = marked !== null && +node.dataset.at === marked;
      node.classList.toggle("marked", isIt);
      if (node.localName === "tr") isIt ? node.setAttribute("aria-current", "true") : node.removeAttribute("aria-current");
    }
    if (marked === null) return show();
    choose(marked);
    const words = document.querySelector("tr.marked td:last-child")?.textContent ?? "";
    said.textContent = `${moment(marked)} ${words}`;
  };
  const toggle = (instant) => mark(marked === instant ? null : instant);

  for (const picture of pictures) {
    let begun = null;
    picture.svg.addEventListener("pointermove", (event) => {
      const instant = instantAt(picture, event);
      if (begun && Math.abs(event.clientX - begun.x) > DRAG && instant !== null) {
        begun.to = instant;
        shown().forEach((other) => band(other, [begun.from, instant]));
      }
      hovered = instant;
      show();
    });
    picture.svg.addEventListener("pointerleave", () => [(hovered = null), show()]);
    picture.svg.addEventListener("pointerdown", (event) => {
      const instant = event.button === 0 ? instantAt(picture, event) : null;
      if (instant === null) return;
      begun = { x: event.clientX, from: instant, to: null };
      picture.svg.setPointerCapture(event.pointerId);
    });
    const end = (event) => {
      const { from, to } = begun ?? {};
      if (!begun) return;
      begun = null;
      hovered = null;
      shown().forEach((other) => band(other, null));
      // A pointer that is captured points at the picture as a whole.
      const on = document.elementFromPoint(event.clientX, event.clientY)?.closest(".mark");
      if (event.type === "pointercancel") show();
      else if (to !== null) zoom(Math.min(from, to), Math.max(from, to));
      else if (on) toggle(+on.dataset.at);
      else choose(from);
    };
    picture.svg.addEventListener("pointerup", end);
    picture.svg.addEventListener("pointercancel", end);
  }
  slider.addEventListener("input", () => choose(+slider.value, { keeps: false }));
  slider.addEventListener("change", link);
  slider.addEventListener("keydown", (event) => {
    const second = event.shiftKey ? 10 : 1;
    const [back, on] = [() => choose(chosen - second), () => choose(chosen + second)];
    const arrows = { ArrowLeft: back, ArrowDown: back, ArrowRight: on, ArrowUp: on };
    const does = { ...arrows, "+": () => around(0.5), "-": () => around(2), 0: () => reset.click() }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    does();
  });
  for (const row of document.querySelectorAll("tr[data-at]")) {
    const cell = row.querySelector("th");
    const time = cell.textContent;
    cell.replaceChildren(button(time, () => toggle(+row.dataset.at), { class: "go", title: "Mark it everywhere" }));
  }

  // ---- Which events ---------------------------------------------------------------------------------------------------

  const search = make("input", { type: "search", id: "search" });
  const found = make("p", { role: "status", class: "found" });
  const boxes = ACTORS.map((value) => make("input", { type: "checkbox", value, checked: "" }));
  const select = () => {
    const words = search.value.trim().toLowerCase();
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    let [all, kept] = [0, 0];
    for (const node of document.querySelectorAll("[data-at]")) {
      const holds = !off.has(node.dataset.actor) && (!words || node.textContent.toLowerCase().includes(words));
      node.classList.toggle("filtered", !holds);
      if (node.matches("path:has(+ text)")) node.nextElementSibling.classList.toggle("filtered", !holds);
      if (node.localName === "tr") [all, kept] = [all + 1, kept + holds];
    }
    const isAll = !words && off.size === 0;
    found.textContent = isAll ? "" : `${kept} of ${all} rows`;
    // What is found in a folded table is no use there.
    const folded = words ? document.querySelectorAll("details:has(tr[data-at]:not(.filtered))") : [];
    folded.forEach((details) => (details.open = true));
  };
  search.addEventListener("input", select);
  boxes.forEach((box) => box.addEventListener("change", select));
  const filters = make("form", { class: "filters", role: "search", "aria-label": "Events" },
    make("fieldset", {}, make("legend", {}, "Events of"), ...boxes.map((box, i) => make("label", {}, box, ` ${ACTORS[i]}`))),
    make("label", {}, "Search ", search),
    found);
  filters.addEventListener("submit", (event) => event.preventDefault());

  // ---- Begin ----------------------------------------------------------------------------------------------------------

  const fromLink = () => {
    const instant = read(/^#t=(.*)$/.exec(location.hash)?.[1]);
    if (instant !== null) choose(instant, { keeps: false });
    return instant !== null;
  };
  document.documentElement.classList.add("scripted");
  timeline.before(bar, section);
  timeline.querySelector("h2").after(filters);
  const jump = make("li", {}, make("a", { href: "#instant" }, "At any instant"));
  document.querySelector('nav a[href="#timeline"]')?.closest("li").before(jump);
  chosen = data.fault === null ? 0 : limited(data.fault, home.from, home.to);
  zoom(home.from, home.to);
  if (fromLink()) section.scrollIntoView();
  addEventListener("hashchange", fromLink);
  addEventListener("resize", show);
  // On paper everything is as it was.
  const each = (does) => pictures.filter((picture) => picture.parts).forEach(does);
  let kept = null;
  addEventListener("beforeprint", () => {
    kept = { ...view };
    each((picture) => {
      Object.assign(view, stretches[picture.stretch]);
      draw(picture);
      ["hair", "chosen"].forEach((kind) => through(picture, kind, null));
    });
    Object.assign(view, kept);
  });
  addEventListener("afterprint", () => zoom(kept.from, kept.to));
})();
