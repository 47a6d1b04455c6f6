// The view as it came, and what of it is drawn: folding as fold.py and copies.py do it.

const data = JSON.parse(document.getElementById("view-data").textContent);
const ROOT = -1;
const MANY = 3; // uses up to which a leaf is drawn once
const HIDDEN = "not to be shown"; // values or gradients that nobody wants drawn
const LEAVES = new Set(["parameter", "input", "constant"]);

/** Records that came packed by columns (see build.py), or as they are. */
function unpacked(table) {
  if (!table || Array.isArray(table)) return table || [];
  const records = Array.from({ length: table.n }, () => ({}));
  for (const [key, column] of Object.entries(table.plain)) {
    column.forEach((value, i) => value !== null && (records[i][key] = value));
  }
  for (const [key, [values, places]] of Object.entries(table.pooled)) {
    places.forEach((place, i) => place >= 0 && (records[i][key] = values[place]));
  }
  return records;
}

const cards = unpacked(data.cards);
const edges = unpacked(data.edges);
const boxes = unpacked(data.boxes);
const steps = data.steps || [];
const snapshots = data.snapshots || [];
const faces = new Map();
for (const face of unpacked(data.faces)) {
  if (face.folds != null) face.group = { ...face.group, box: face.folds };
  faces.set(face.group.box, face);
}

for (const card of cards) {
  card.role ??= "op";
  card.box ??= ROOT;
  card.shape ??= [];
  card.value ??= { reason: "not asked for" };
  card.grad ??= { reason: "backward not run" };
}
const cardOf = new Map(cards.map((card) => [card.id, card]));
const boxOf = new Map(boxes.map((box) => [box.id, box]));
for (const box of boxes) box.parent ??= ROOT;
const base = cards.reduce((most, card) => Math.max(most, card.id), -1) + 1;
for (const [id, face] of faces) {
  face.id = base + id;
  face.role ??= "op";
  face.shape ??= [];
}

const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `name` as one printable line. */
function clean(name) {
  return String(name).replace(UNPRINTABLE, (c) => {
    const code = c.charCodeAt(0);
    const short = { 9: "\\t", 10: "\\n", 13: "\\r" }[code];
    const hex = code.toString(16);
    return short || (code < 256 ? "\\x" + hex.padStart(2, "0") : "\\u" + hex.padStart(4, "0"));
  });
}

/** `name` cleaned and cut in the middle to `width` characters. */
function shorten(name, width = 40) {
  const text = [...clean(name)];
  if (text.length <= width) return text.join("");
  const head = Math.floor(((width - 3) * 2) / 3);
  return text.slice(0, head).join("") + "..." + text.slice(text.length - (width - 3 - head)).join("");
}

const shapeText = (shape) => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`);
const DTYPES = { float: "f", int: "i", uint: "u", complex: "c" };
const dtypeText = (name) =>
  (name || "").replace(/^(float|int|uint|complex)(\d+)$/, (_, kind, bits) => DTYPES[kind] + bits);
const typeText = (card) => `${shapeText(card.shape)} ${dtypeText(card.dtype)}`.trimEnd();
const titleOf = (card) => clean(card.name || card.op) || "(no name)";
const isLeaf = (card) => LEAVES.has(card.role) && !card.group;
const shown = (summary) => (summary.reason ? `(${summary.reason})` : summary.text || "");
const numberText = (x) => {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e-4 && size < 1e4) return String(Number(x.toPrecision(3)));
  return x.toExponential(2).replace(/\.?0+e/, "e");
};

/** The value or gradient of a card at the moment of training that is shown. */
function summaryOf(card, what) {
  const source = card.group ? cardOf.get(card.out) : card;
  const now = state.moment > 0 ? snapshots[state.moment - 1] : null;
  const changed = now && now[what + "Of"].get(card.copy_of ?? source.id);
  return changed || source[what === "values" ? "value" : "grad"];
}
for (const moment of snapshots) {
  moment.valuesOf = new Map(moment.values || []);
  moment.gradsOf = new Map(moment.grads || []);
}

function badges(card) {
  const out = [];
  if (card.backward_step != null) out.push(`bwd ${card.backward_step + 1}`);
  if (card.order) out.push(`order ${card.order}`);
  return out;
}

/** The body of a card as [label, text], as labels.py has it. */
function rowsOf(card) {
  if (card.copy_of != null) return [];
  const out = (card.rows || []).map((row) => [...row]);
  if (card.name && !isLeaf(card) && !card.group) out.push(["op", shorten(card.op, 64)]);
  if (card.meaning && !card.group) out.push(["is", shorten(card.meaning, 64)]);
  if (card.kwargs) out.push(["with", shorten(card.kwargs, 64)]);
  const value = summaryOf(card, "values");
  if (value.reason !== HIDDEN) {
    const lines = value.reason ? [shown(value)] : (value.text || "").split("\n");
    lines.forEach((line, at) => out.push([at ? "" : card.group ? "out" : "val", shorten(line, 64)]));
  }
  const grad = summaryOf(card, "grads");
  if (!grad.reason || (card.needs_grad !== false && grad.reason !== HIDDEN)) out.push(["grad", shorten(shown(grad), 64)]);
  if (card.saved) out.push(["saved", shorten(card.saved, 64)]);
  if (card.cost) out.push(["cost", shorten(card.cost, 64)]);
  const quiet = (card.annotations || []).filter((note) => note.label && !loud(note));
  for (const label of new Set(quiet.map((note) => note.label))) out.push(["note", shorten(label, 64)]);
  return out;
}

const loud = (note) => (note.width ?? 2) >= 2;

function marksOf(card) {
  const notes = (card.annotations || []).filter(loud);
  const words = [...(card.tags || []), ...notes.map((note) => note.label)];
  return [...new Set(words.filter(Boolean))].map((word) => shorten(word, 64));
}

/** A card in one sentence, for screen readers. */
function describe(card) {
  const kind = card.group
    ? `folded ${{ composed: "function", order: "gradient graph" }[card.group.kind] || card.group.kind}`
    : card.copy_of != null
      ? `${card.role}, again`
      : card.role;
  const parts = [`${shorten(titleOf(card), 120)}: ${kind}, ${typeText(card)}`];
  for (const [label, text] of rowsOf(card)) parts.push(`${label} ${text}`);
  return parts.concat(badges(card), marksOf(card)).join("; ") + ".";
}

/** The ids of `box` and the boxes around it, innermost first. */
function around(box) {
  const out = [];
  for (let at = box; at !== ROOT; at = boxOf.get(at).parent) out.push(at);
  return out;
}

/** What is drawn while the boxes in `open` are open: cards, edges, boxes. */
function fold(open) {
  const hiddenIn = new Map([[ROOT, ROOT]]);
  const drawnIn = new Map([[ROOT, ROOT]]);
  const seen = [];
  for (const box of boxes) {
    const outer = hiddenIn.get(box.parent);
    const hidden = outer !== ROOT ? outer : open.has(box.id) ? ROOT : box.id;
    hiddenIn.set(box.id, hidden);
    drawnIn.set(box.id, box.kind === "repeat" ? drawnIn.get(box.parent) : box.id);
    if (hidden === ROOT && box.kind !== "repeat") {
      seen.push({ ...box, parent: drawnIn.get(box.parent) });
    }
  }
  const end = new Map();
  const place = new Map();
  const out = [];
  for (const card of cards) {
    const group = hiddenIn.get(card.box);
    if (group === ROOT) {
      end.set(card.id, card.id);
      place.set(card.id, card.id);
      out.push({ ...card, home: drawnIn.get(card.box) });
      continue;
    }
    const id = base + group;
    end.set(card.id, id);
    if (!place.has(id)) out.push({ ...faces.get(group), home: drawnIn.get(boxOf.get(group).parent) });
    if (!isLeaf(card) || !place.has(id)) place.set(id, card.id);
  }
  out.sort((a, b) => place.get(a.id) - place.get(b.id) || a.id - b.id);
  const lines = [];
  const merged = new Map();
  edges.forEach((edge, at) => {
    const source = end.get(edge.source);
    const target = end.get(edge.target);
    if (source == null || target == null || source === target) return;
    const line = { ...edge, at, source, target, count: 1 };
    if (source === edge.source && target === edge.target) {
      lines.push(line);
      return;
    }
    const key = `${source} ${target}`;
    const old = merged.get(key);
    if (old) {
      old.count += 1;
      old.argument = old.note = "";
      if (String(old.shape) !== String(edge.shape)) old.shape = [];
      if (edge.carries_grad !== false) old.carries_grad = true;
      return;
    }
    if (target >= base) line.argument = "";
    merged.set(key, line);
    lines.push(line);
  });
  return copyLeaves(out, lines, seen);
}

/** One dashed copy per further use of a leaf with many uses. */
function copyLeaves(out, lines, seen) {
  const here = new Map(out.map((card) => [card.id, card]));
  const uses = new Map();
  const number = new Map();
  for (const line of lines) {
    if (!isLeaf(here.get(line.source))) continue;
    number.set(line.source, (number.get(line.source) || 0) + line.count);
    if (!uses.has(line.source)) uses.set(line.source, []);
    uses.get(line.source).push(line.target);
  }
  const keeper = new Map();
  for (const [leaf, targets] of uses) {
    const home = here.get(leaf).home;
    const homes = new Set(targets.map((id) => here.get(id).home));
    const abroad = home !== ROOT && [...homes].some((h) => h !== home);
    if (new Set(targets).size > 1 && (number.get(leaf) > MANY || (abroad && homes.size > 1))) {
      const own = (id) => home !== ROOT && here.get(id).home === home;
      keeper.set(leaf, targets.find(own) ?? targets[0]);
    }
  }
  const before = new Map();
  const made = new Map();
  let next = out.reduce((most, card) => Math.max(most, card.id), base - 1) + 1;
  for (const line of lines) {
    if (!keeper.has(line.source) || line.target === keeper.get(line.source)) continue;
    const key = `${line.source} ${line.target}`;
    if (!made.has(key)) {
      const leaf = here.get(line.source);
      const copy = { ...leaf, id: next++, home: here.get(line.target).home, copy_of: leaf.id };
      made.set(key, copy);
      if (!before.has(line.target)) before.set(line.target, []);
      before.get(line.target).push(copy);
    }
    line.source = made.get(key).id;
  }
  return { cards: out.flatMap((card) => [...(before.get(card.id) || []), card]), edges: lines, boxes: seen };
}

const counted = (n) => n.toLocaleString("en");

/** `showing 25 of 358 ops, 3 boxes folded`. */
function headerOf(picture) {
  const ops = picture.cards.filter((card) => !isLeaf(card) && !card.group).length;
  let text = `showing ${counted(ops)} of ${counted(data.ops)} ${data.ops === 1 ? "op" : "ops"}`;
  const folded = picture.cards.reduce((sum, card) => sum + (card.group ? card.group.repeat || 1 : 0), 0);
  if (folded) text += `, ${counted(folded)} ${folded === 1 ? "box" : "boxes"} folded`;
  return text;
}
