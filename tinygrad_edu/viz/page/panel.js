// The side panel: the step's text, a card in full, and what the colours mean.

const ROLE_WORDS = {
  parameter: "parameter: learned; square corners",
  input: "input: yours; round corners",
  constant: "constant; dashed border",
  op: "op: computed",
  output: "output: where backward starts; double border",
  module: "module (box or folded)",
  composed: "composed function; dashed box",
};

function section(title, ...inside) {
  return [html("h3", {}, title), ...inside];
}

function closeButton(what, action) {
  const button = html("button", { type: "button", class: "close", "aria-label": `Close ${what}` }, "\u00d7");
  button.addEventListener("click", action);
  return button;
}

function showAbout() {
  const about = document.getElementById("about");
  const out = [html("h2", {}, clean(data.title || "Graph")), html("p", {}, headerOf(state.picture))];
  if (data.note) out.push(html("p", {}, clean(data.note)));
  out.push(...section("Cards"));
  const legend = html("div", { class: "legend" });
  for (const [look, words] of Object.entries(ROLE_WORDS)) {
    const swatch = make("svg", { class: "swatch", viewBox: "0 0 30 17", "aria-hidden": "true" });
    const dashed = look === "constant" || look === "composed";
    const rect = { x: 3, y: 3, width: 24, height: 11, rx: look === "parameter" ? 0 : 4 };
    const paint = `fill:var(--${look}-header);stroke:var(--${look}-border);stroke-width:1.5`;
    swatch.append(make("rect", { ...rect, style: paint, "stroke-dasharray": dashed ? "3 2" : null }));
    if (look === "output") {
      const ring = { x: 1, y: 1, width: 28, height: 15, rx: 5, fill: "none" };
      swatch.append(make("rect", { ...ring, style: "stroke:var(--output-border)" }));
    }
    legend.append(swatch, html("span", {}, words));
  }
  out.push(legend, html("p", {}, "Dashed line: no gradient flows. Purple shape: broadcast."));
  if (state.colour !== "role") out.push(...colourLegend());
  out.push(...ownLegend());
  const keys = html("dl", { class: "keys" });
  const words = [
    ["\u2190 \u2192", "a step back, a step on"],
    ["Home End", "whole picture, last step"],
    ["Space", "play, pause"],
    ["/ Enter", "search, next hit"],
    ["+ \u2212 0", "larger, smaller, fit"],
    ["Tab Enter", "go to a card or box, open or fold it"],
    ["Esc", "close"],
  ].slice(steps.length ? 0 : 3);
  for (const [key, what] of words) {
    const caps = key.split(" ").flatMap((cap) => [html("kbd", {}, cap), " "]);
    keys.append(html("dt", {}, ...caps), html("dd", {}, what));
  }
  out.push(...section("Keys", keys));
  about.replaceChildren(...out);
}

/** The legend that came with the view: the words all labels begin with, then colour by colour. */
function ownLegend() {
  const entries = data.legend || [];
  if (!entries.length) return [];
  const labels = entries.map((entry) => clean(entry.label).split(" "));
  let shared = 0;
  while (
    labels.length > 1 &&
    labels.every((words) => words.length > shared + 1 && words[shared] === labels[0][shared])
  ) {
    shared++;
  }
  const scale = html("div", { class: "scale" });
  entries.forEach((entry, at) => {
    const mark = html("span", { class: "swatch" });
    mark.style.background = entry.color;
    scale.append(html("span", {}, mark, labels[at].slice(shared).join(" ")));
  });
  return section(labels[0].slice(0, shared).join(" ") || "Colours", scale);
}

function colourLegend() {
  const ramp = html("div", { class: "ramp" });
  ramp.style.background = `linear-gradient(90deg,${data.ramp.join(",")})`;
  const what = document.querySelector("#colour option:checked").textContent;
  const [low, high] = state.scale || [null, null];
  const ends = html("div", { class: "ends" });
  if (low == null) ends.append("nothing was recorded to colour by");
  else ends.append(html("span", {}, colourNumber(low)), html("span", {}, colourNumber(high)));
  return section(`Colour ${what}, logarithmic`, ramp, ends);
}

function colourNumber(log) {
  const value = 10 ** log;
  if (state.colour === "time") return `${numberText(value * 1e6)} \u00b5s`;
  if (state.colour === "memory") return `${numberText(value)} B`;
  return `rms ${numberText(value)}`;
}

function showStep() {
  const panel = document.getElementById("step-panel");
  const step = currentStep();
  if (!step) {
    panel.replaceChildren();
    return;
  }
  const out = [];
  let last = "";
  for (const [label, text] of step.lines) {
    if (!out.length) {
      out.push(html("h2", {}, `${label === "forward" ? "Forward" : "Backward"} ${text}`));
      continue;
    }
    if (label !== last) out.push(html("h3", {}, label));
    out.push(html("pre", {}, text));
    last = label;
  }
  panel.replaceChildren(...out);
}

function showCard(card) {
  const panel = document.getElementById("card-panel");
  if (!card) {
    panel.replaceChildren();
    return;
  }
  const whole = card.copy_of != null ? cardOf.get(card.copy_of) : card;
  const out = [
    closeButton("the card", () => choose(null)),
    html("h2", {}, shorten(titleOf(card), 300)),
    html("p", {}, `${whole.group ? "folded box" : whole.role}, ${typeText(whole)}`),
  ];
  if (marksOf(whole).length) out.push(html("p", {}, html("b", {}, marksOf(whole).join(", "))));
  for (const [label, text] of whole.rows || []) out.push(...section(label, html("p", {}, text)));
  if (whole.meaning && !whole.group) out.push(...section("Is", html("p", {}, clean(whole.meaning))));
  if (whole.kwargs) out.push(...section("with", html("p", {}, clean(whole.kwargs))));
  if (whole.group) {
    const open = html("button", { type: "button" }, "Open this box");
    open.addEventListener("click", () => toggle(whole.group.box, whole.id));
    out.push(html("p", {}, open));
  }
  out.push(...summaryPart("Value", summaryOf(whole, "values")));
  out.push(...summaryPart("Gradient", summaryOf(whole, "grads")));
  if (whole.rule && whole.rule.length) {
    out.push(...section("Rule", html("pre", {}, whole.rule.map(clean).join("\n"))));
  }
  if (whole.saved) out.push(...section("Saved for backward", html("p", {}, clean(whole.saved))));
  if (whole.cost) out.push(...section("Cost", html("p", {}, clean(whole.cost))));
  const users = edges.filter((edge) => edge.source === whole.id).map((edge) => edge.target);
  const parents = edges.filter((edge) => edge.target === whole.id).map((edge) => edge.source);
  if (parents.length) out.push(...section("Computed from", links(parents)));
  if (users.length) out.push(...section("Used by", links(users)));
  if (whole.of != null) out.push(...section("Gradient of", links([whole.of])));
  if (whole.source) out.push(...section("Source", html("p", {}, clean(whole.source))));
  panel.replaceChildren(...out);
  const sheet = panel.parentElement;
  if (getComputedStyle(sheet).overflowY === "visible") panel.scrollIntoView({ block: "nearest" });
  else sheet.scrollTop = panel.offsetTop - sheet.offsetTop - 12;
}

function links(ids) {
  const out = html("p", {});
  for (const id of ids.slice(0, 40)) {
    const card = cardOf.get(id);
    if (!card) continue;
    const name = card.name ? shorten(card.name, 40) : `${clean(card.op)} #${id}`;
    const link = html("button", { type: "button" }, name);
    link.addEventListener("click", () => reveal(id, true));
    out.append(link, " ");
  }
  if (ids.length > 40) out.append(`and ${ids.length - 40} more`);
  return out;
}

function summaryPart(title, summary) {
  if (summary.reason === HIDDEN) return [];
  if (summary.reason) return section(title, html("p", {}, shown(summary)));
  const out = section(title, html("p", {}, clean(summary.text)));
  const facts = [];
  if (summary.size > 1) facts.push(`${summary.size.toLocaleString("en")} elements`);
  if (summary.zero) facts.push(`${summary.zero} zero`);
  if (summary.nan) facts.push(`${summary.nan} NaN`);
  if (summary.inf) facts.push(`${summary.inf} infinite`);
  if (summary.rms != null) facts.push(`rms ${numberText(summary.rms)}`);
  if (facts.length) out.push(html("p", {}, facts.join(", ")));
  if (summary.histogram && summary.histogram.low !== summary.histogram.high) {
    out.push(histogramOf(title, summary.histogram));
  }
  if (summary.heatmap) out.push(heatmapOf(title, summary.heatmap));
  if (summary.full && summary.size > 1) {
    out.push(html("details", {}, html("summary", {}, "All numbers"), html("pre", { class: "matrix" }, summary.full)));
  }
  return out;
}

function histogramOf(title, { low, high, counts }) {
  const most = Math.max(...counts);
  const words = `${title}: histogram of ${counts.length} bins from ${numberText(low)} to ${numberText(high)}, highest ${most}`;
  const chart = make("svg", { viewBox: "0 0 340 92", role: "img", "aria-label": words, class: "histogram" });
  const wide = 340 / counts.length;
  counts.forEach((count, at) => {
    const tall = (count / most) * 70;
    const bar = make("rect", { class: "bin", x: round(at * wide + 0.5), y: round(74 - tall), width: round(wide - 1), height: round(tall) });
    const from = low + ((high - low) * at) / counts.length;
    bar.append(make("title", {}, `${count} from ${numberText(from)}`));
    chart.append(bar);
  });
  chart.append(
    make("text", { class: "muted", x: 0, y: 89, "font-size": 11 }, numberText(low)),
    make("text", { class: "muted", x: 340, y: 89, "font-size": 11, "text-anchor": "end" }, numberText(high)),
  );
  return html("figure", {}, chart, html("figcaption", {}, `highest bin: ${most.toLocaleString("en")}`));
}

/** Blue below zero, orange above, the page's ground at zero; crossed where not finite. */
function heatmapOf(title, { rows, columns, values, limit }) {
  const side = Math.max(5, Math.min(26, Math.floor(340 / columns), Math.floor(300 / rows)));
  const words = `${title}: heat-map of ${rows} by ${columns}, from ${numberText(-limit)} to ${numberText(limit)}`;
  const [wide, tall] = [columns * side, rows * side];
  const chart = make("svg", { viewBox: `0 0 ${wide} ${tall}`, width: wide, height: tall, role: "img", "aria-label": words, class: "heatmap" });
  [...atob(values)].forEach((byte, at) => {
    const code = byte.charCodeAt(0);
    const value = code ? ((code - 128) / 127) * limit : null;
    const x = (at % columns) * side;
    const y = Math.floor(at / columns) * side;
    const share = value == null ? 0 : limit ? Math.abs(value) / limit : 0;
    const hue = value == null ? "var(--alarm)" : value < 0 ? "#0072b2" : "#d55e00";
    const opacity = value == null ? 1 : round(share * 100) / 100;
    const cell = make("rect", { x, y, width: side, height: side, style: `fill:${hue};fill-opacity:${opacity};stroke:var(--rule);stroke-width:.5` });
    const where = `[${Math.floor(at / columns)}, ${at % columns}]`;
    cell.append(make("title", {}, `${where} ${value == null ? "not finite" : "about " + numberText(value)}`));
    chart.append(cell);
    if (value == null) {
      const cross = `M${x + 1} ${y + 1}L${x + side - 1} ${y + side - 1}`;
      chart.append(make("path", { d: cross, style: "stroke:var(--page);stroke-width:1.5" }));
    }
  });
  return html("figure", {}, chart, html("figcaption", {}, `blue ${numberText(-limit)} \u2026 0 \u2026 ${numberText(limit)} orange`));
}
