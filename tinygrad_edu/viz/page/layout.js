// Sizes of cards, their DOT, and Graphviz in a worker.

const BACKBONE = 2;
const LINE = { head: 17, row: 17, pad: 10, gap: 9 };
const pencil = document.createElement("canvas").getContext("2d");
const widths = new Map();

function widthOf(text, font) {
  const key = font + text;
  if (!widths.has(key)) {
    if (widths.size > 20000) widths.clear();
    pencil.font = `${font} ui-sans-serif, system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif`;
    widths.set(key, pencil.measureText(text).width);
  }
  return widths.get(key);
}

/** A name in at most three lines, broken after . _ - / where that helps. */
function wrapName(name) {
  const width = 34;
  let text = shorten(name, width * 3);
  const out = [];
  while (text.length > width && out.length < 2) {
    const cut = Math.max(...["." , "_", "-", "/", " "].map((mark) => text.lastIndexOf(mark, width - 1)));
    const at = cut >= width / 2 ? cut + 1 : width;
    out.push(text.slice(0, at));
    text = text.slice(at);
  }
  return [...out, text];
}

/** Everything a card prints and how large that is. */
function measure(card) {
  const names = wrapName(titleOf(card));
  const type = [typeText(card), ...badges(card)].join(" \u00b7 ");
  const moments = state.moment;
  // Room for every saved training step, so that the slider changes numbers and not the layout.
  const texts = [];
  for (let at = 0; at <= snapshots.length; at++) {
    state.moment = at;
    texts.push(rowsOf(card));
    if (card.copy_of != null) break;
  }
  state.moment = moments;
  const rows = texts[Math.min(state.moment, texts.length - 1)];
  const labels = Math.max(0, ...rows.map(([label]) => widthOf(label, "11px")));
  const marks = marksOf(card);
  const head = Math.max(...names.map((name) => widthOf(name, "650 13px"))) + 16 + widthOf(type, "11px");
  const body = Math.max(0, ...texts.flat().map(([, text]) => widthOf(text, "12px"))) + labels + LINE.gap;
  const width = Math.max(head, rows.length ? body : 0, widthOf("! " + marks.join(", "), "650 11px"), 60);
  const headHeight = names.length * LINE.head + 8;
  const height = headHeight + (rows.length ? rows.length * LINE.row + 6 : 0) + (marks.length ? 18 : 0);
  return { names, type, rows, labels, marks, headHeight, width: Math.ceil(width + 2 * LINE.pad), height };
}

function edgeLabel(edge, only) {
  if (edge.count > 1) return `${edge.count} uses`;
  const words = only || !edge.argument ? [] : [shorten(edge.argument, 24)];
  if (edge.note || edge.shape?.length) words.push(edge.note || shapeText(edge.shape));
  return words.join(" ");
}

function boxLabel(box) {
  const rest = [];
  if (box.label && ![box.name, box.name.split(" ")[0]].includes(box.label)) rest.push(shorten(box.label, 48));
  if (box.call) rest.push(`call ${box.call + 1}`);
  if (box.parameters) {
    rest.push(`${box.parameters.toLocaleString("en")} parameter${box.parameters === 1 ? "" : "s"}`);
  }
  return [shorten(box.name, 48) || "(no name)", rest.join(", ")];
}

const inches = (points) => (points / 72).toFixed(4);
const blank = (width, height) =>
  `<<table fixedsize="true" border="0" cellborder="0" cellpadding="0" cellspacing="0" ` +
  `width="${Math.ceil(width)}" height="${height}"><tr><td></td></tr></table>>`;

/** The picture as DOT with sizes alone: ids are ours, so no name ever reaches it. */
function dotOf(picture) {
  const fanIn = new Map();
  for (const edge of picture.edges) {
    fanIn.set(edge.target, (fanIn.get(edge.target) || 0) + edge.count);
  }
  const inside = new Map([[ROOT, []]]);
  for (const box of picture.boxes) inside.set(box.id, []);
  for (const card of picture.cards) {
    card.size = measure(card);
    const { width, height } = card.size;
    inside.get(card.home).push(`n${card.id}[width=${inches(width)},height=${inches(height)}]`);
  }
  const children = new Map([[ROOT, []]]);
  for (const box of picture.boxes) children.set(box.id, []);
  for (const box of picture.boxes) children.get(box.parent).push(box);
  const out = [
    `digraph{rankdir=${data.direction || "TB"};nodesep=0.34;ranksep=0.46;` +
      `node[shape=box,fixedsize=true,label=""];edge[arrowsize=0.6];`,
    ...inside.get(ROOT),
  ];
  const stack = [...children.get(ROOT)].reverse();
  while (stack.length) {
    const box = stack.pop();
    if (box === "}") {
      out.push("}");
      continue;
    }
    const [name, rest] = boxLabel(box);
    const width = widthOf(name, "650 12.5px") + widthOf("   " + rest, "11px") + 34;
    out.push(`subgraph cluster_${box.id}{margin=13;label=${blank(width, 17)};labeljust=l;`);
    out.push(...inside.get(box.id));
    stack.push("}", ...[...children.get(box.id)].reverse());
  }
  const leaves = new Set(picture.cards.filter(isLeaf).map((card) => card.id));
  picture.edges.forEach((edge, at) => {
    edge.text = edgeLabel(edge, fanIn.get(edge.target) <= 1);
    const room = blank(widthOf(edge.text, "10.5px") + 15, 13);
    // The computation is the spine of the picture; leaves stand beside it.
    const weight = leaves.has(edge.source) ? 1 : BACKBONE;
    out.push(`n${edge.source}->n${edge.target}[id=e${at},weight=${weight},label=${room}]`);
  });
  for (const [source, leaf] of stackingEdges(picture)) out.push(`n${source}->n${leaf}[style=invis]`);
  return out.join("\n") + "}";
}

/** Invisible edges that keep a box below what it reads; see stacking.py. */
function stackingEdges(picture) {
  if (picture.cards.length > 400) return []; // the layout would take too long with them
  const chains = new Map([[ROOT, []]]);
  for (const box of picture.boxes) chains.set(box.id, [...chains.get(box.parent), box.id]);
  const here = new Map(picture.cards.map((card, place) => [card.id, { card, place }]));
  const fed = new Set(picture.edges.map((edge) => edge.target));
  const latest = new Map();
  for (const { source, target } of picture.edges) {
    if (!fed.has(source)) continue;
    const outside = chains.get(here.get(source).card.home);
    for (const box of chains.get(here.get(target).card.home)) {
      const old = latest.get(box);
      if (outside.includes(box)) continue;
      if (old == null || here.get(source).place > here.get(old).place) latest.set(box, source);
    }
  }
  const out = [];
  for (const card of picture.cards) {
    if (fed.has(card.id)) continue;
    const above = chains.get(card.home).map((box) => latest.get(box)).filter((id) => id != null);
    const placed = (id) => here.get(id).place;
    if (above.length) out.push([above.reduce((a, b) => (placed(b) > placed(a) ? b : a)), card.id]);
  }
  return out;
}

let engine = null;
let asked = 0;
const waiting = new Map();

const RUN = `
const loaded = self.Graphviz.load();
self.lay = async (dot) => JSON.parse((await loaded).layout(dot, "json", "dot"));
`;
const SERVE = `
self.onmessage = async ({ data: { id, dot } }) => {
  try { self.postMessage({ id, found: await self.lay(dot) }); }
  catch (error) { self.postMessage({ id, error: String(error.message || error) }); }
};
`;

/** Graphviz in a worker; where the browser allows none (some sandboxes), in the page itself. */
function startEngine() {
  const source = document.getElementById("engine").textContent + RUN;
  const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const inPage = () =>
    new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = address(source);
      script.onload = () => done((dot) => self.lay(dot));
      script.onerror = () => fail(new Error("the layout engine could not start"));
      document.head.append(script);
    });
  return new Promise((done) => {
    let worker;
    try {
      worker = new Worker(address(source + SERVE));
    } catch {
      done(inPage());
      return;
    }
    worker.onmessage = ({ data: { id, found, error } }) => {
      const { good, bad } = waiting.get(id);
      waiting.delete(id);
      if (error) bad(new Error(error));
      else good(found);
    };
    worker.onerror = () => {
      engine = inPage();
      for (const { dot, good, bad } of waiting.values()) engine.then((lay) => lay(dot)).then(good, bad);
      waiting.clear();
    };
    done((dot) =>
      new Promise((good, bad) => {
        waiting.set(++asked, { dot, good, bad });
        worker.postMessage({ id: asked, dot });
      }),
    );
  });
}

/** Places for everything in `picture`, written into it; y points down. */
async function layOut(picture) {
  const dot = dotOf(picture);
  engine ??= startEngine();
  const found = await (await engine)(dot);
  const [, , wide, tall] = found.bb.split(",").map(Number);
  picture.width = wide;
  picture.height = tall;
  const nodes = new Map(picture.cards.map((card) => ["n" + card.id, card]));
  const groups = new Map(picture.boxes.map((box) => ["cluster_" + box.id, box]));
  for (const thing of found.objects || []) {
    if (nodes.has(thing.name)) {
      const card = nodes.get(thing.name);
      const [x, y] = thing.pos.split(",").map(Number);
      card.x = x - card.size.width / 2;
      card.y = tall - y - card.size.height / 2;
    } else if (groups.has(thing.name)) {
      const [left, bottom, right, top] = thing.bb.split(",").map(Number);
      Object.assign(groups.get(thing.name), {
        x: left,
        y: tall - top,
        width: right - left,
        height: top - bottom,
      });
    }
  }
  const pair = (word) => {
    const [x, y] = word.split(",").map(Number);
    return [x, tall - y];
  };
  for (const line of found.edges || []) {
    if (!line.id) continue; // an invisible one
    const edge = picture.edges[Number(line.id.slice(1))];
    const words = line.pos.split(" ");
    edge.tip = words[0].startsWith("e,") ? pair(words.shift().slice(2)) : null;
    edge.points = words.map(pair);
    edge.middle = line.lp ? pair(line.lp) : edge.points[edge.points.length >> 1];
  }
}
