// The picture as SVG. Every text goes in as a text node.

const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, ...inside) {
  const out = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) out.setAttribute(name, value);
  }
  out.append(...inside);
  return out;
}

const round = (x) => Math.round(x * 10) / 10;

function html(tag, attributes = {}, ...inside) {
  const out = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) out.setAttribute(name, value);
  out.append(...inside);
  return out;
}

function bandPath(width, height, radius) {
  const r = radius;
  return `M0 ${height}V${r}Q0 0 ${r} 0H${width - r}Q${width} 0 ${width} ${r}V${height}Z`;
}

function drawCard(card) {
  const { names, type, rows, labels, marks, headHeight, width, height } = card.size;
  const look = card.group ? card.group.kind : card.role;
  const radius = look === "parameter" ? 0 : 7;
  const dashed = look === "constant" || look === "composed" || look === "part" || card.copy_of != null;
  const out = make("g", {
    class: `card${dashed ? " dashed" : ""}`,
    id: `card-${card.id}`,
    transform: `translate(${round(card.x)} ${round(card.y)})`,
    tabindex: 0,
    role: "button",
    "aria-label": describe(card) + (card.group ? " Press Enter to open it." : ""),
    "aria-expanded": card.group ? "false" : null,
    style:
      `--fill:var(--${look}-fill);--header:var(--${look}-header);` +
      `--border:var(--${look}-border);--line:var(--${look}-line)`,
  });
  out.append(
    make("rect", { class: "ring", x: -6, y: -6, width: width + 12, height: height + 12, rx: radius + 5 }),
    make("rect", { class: "body", width, height, rx: radius }),
    make("path", { class: "head", d: bandPath(width, Math.min(headHeight, height), radius) }),
  );
  if (look === "output") {
    out.append(make("rect", { class: "outer", x: -3, y: -3, width: width + 6, height: height + 6, rx: 9 }));
  }
  names.forEach((name, at) => {
    out.append(make("text", { class: "name", x: LINE.pad, y: (at + 1) * LINE.head + 1 }, name));
  });
  out.append(make("text", { class: "type", x: width - LINE.pad, y: LINE.head + 1, "text-anchor": "end" }, type));
  rows.forEach(([label, text], at) => {
    const y = headHeight + (at + 1) * LINE.row - 1;
    out.append(
      make("text", { class: "label", x: LINE.pad, y }, label),
      make("text", { class: "text", x: LINE.pad + labels + LINE.gap, y }, text),
    );
  });
  if (marks.length) {
    const band = (card.annotations || []).filter((note) => note.label && loud(note)).pop();
    const ink = band ? `fill:${inkOn(band.color)}` : null;
    const words = (band ? "" : "! ") + marks.join(", "); // a tag of health is pale, an alarm solid
    const shape = bandPath(width, 18, radius); // turned upside down: the heading's, below
    out.append(
      make("path", { class: "mark", style: band ? `fill:${band.color}` : null, d: shape, transform: `translate(0 ${height}) scale(1 -1)` }),
      make("text", { class: "marktext", style: ink, x: LINE.pad, y: height - 5 }, words),
    );
  }
  const frame = make("rect", { class: "frame", width, height, rx: radius });
  for (const note of card.annotations || []) {
    out.style.setProperty("--border", note.color);
    out.style.setProperty("--line", `${note.width ?? 2}px`);
    frame.style.strokeDasharray = note.style === "dashed" ? "5 3" : "none";
  }
  out.append(frame);
  return out;
}

function drawBox(box) {
  const dashed = box.kind === "composed" || box.kind === "part";
  const kind = box.kind || "module";
  const [name, rest] = boxLabel(box);
  const out = make("g", {
    class: `box${dashed ? " dashed" : ""}`,
    id: `box-${box.id}`,
    tabindex: 0,
    role: "button",
    "aria-expanded": "true",
    "aria-label": `box ${name}${rest ? ", " + rest : ""}. Press Enter to fold it.`,
    style: `--fill:var(--${kind}-fill);--border:var(--${kind}-border)`,
  });
  const { x, y, width, height } = box;
  out.append(
    make("rect", { class: "frame", x: round(x), y: round(y), width: round(width), height: round(height), rx: 11 }),
    make("rect", { class: "grip", x: round(x), y: round(y), width: round(width), height: 28, rx: 11 }),
  );
  return out;
}

function drawBoxName(box) {
  const [name, rest] = boxLabel(box);
  const text = make("text", {
    class: "boxname",
    x: round(box.x + 12),
    y: round(box.y + 19),
    style: `--halo:var(--${box.kind || "module"}-fill)`,
  });
  text.append("\u25be ", name, make("tspan", { class: "boxrest" }, rest ? "   " + rest : ""));
  return text;
}

function drawEdge(edge, at) {
  const still = edge.carries_grad === false;
  const out = make("g", {
    class: `edge${still ? " still" : ""}${edge.note ? " broadcast" : ""}`,
    id: `edge-${at}`,
    "aria-hidden": "true",
  });
  const [start, ...rest] = edge.points;
  let line = `M${round(start[0])} ${round(start[1])}C`;
  line += rest.map(([x, y]) => `${round(x)} ${round(y)}`).join(" ");
  const width = still ? 1 : (edge.width ?? 1.2);
  // A line stops short of its arrow's tip; with the arrow at the other end it goes all the way.
  const tipped = edge.tip ? `${line}L${round(edge.tip[0])} ${round(edge.tip[1])}` : line;
  out.append(
    make("path", { class: "line", d: line, "data-onward": line, "data-back": tipped, "stroke-width": round(width) }),
  );
  const onward = tipPath(edge.tip || rest[rest.length - 1], rest[rest.length - 1], rest[rest.length - 2]);
  const back = tipPath(start, start, rest[0], 8);
  out.append(make("path", { class: "tip", d: onward, "data-onward": onward, "data-back": back }));
  out.append(
    make("text", { x: round(edge.middle[0]), y: round(edge.middle[1] + 4), "text-anchor": "middle" }, edge.text),
  );
  return out;
}

/** A triangle whose point is `tip`, seen from `from` (or `further` where those two coincide). */
function tipPath(tip, from, further, size = 0) {
  let [dx, dy] = [tip[0] - from[0], tip[1] - from[1]];
  let length = Math.hypot(dx, dy);
  if (length < 0.5) {
    [dx, dy] = [tip[0] - further[0], tip[1] - further[1]];
    length = Math.hypot(dx, dy) || 1;
  }
  const reach = size || Math.max(length < 20 ? length : 8, 6);
  const [ux, uy] = [dx / length, dy / length];
  const [bx, by] = [tip[0] - ux * reach, tip[1] - uy * reach];
  const half = reach * 0.45;
  return (
    `M${round(tip[0])} ${round(tip[1])}L${round(bx - uy * half)} ${round(by + ux * half)}` +
    `L${round(bx + uy * half)} ${round(by - ux * half)}Z`
  );
}

/** Put the laid-out picture into the page. */
function draw(picture) {
  const world = document.getElementById("world");
  world.replaceChildren(
    ...picture.boxes.filter((box) => box.width).map(drawBox),
    ...picture.edges.map(drawEdge),
    ...picture.boxes.filter((box) => box.width).map(drawBoxName),
    ...picture.cards.map(drawCard),
  );
}
