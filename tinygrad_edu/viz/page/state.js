// What is open, where the stepper stands, and drawing it anew.

const byId = (id) => document.getElementById(id);
const start = new Set(data.open || []);
const ASK = 1500; // cards past which opening everything is asked first
const REFUSE = 20000;
const state = {
  open: new Set(start),
  lent: [], // boxes opened for the current step alone
  picture: { cards: [], edges: [], boxes: [] },
  pass: steps.some((step) => step.kind === "backward") ? "backward" : "forward",
  at: 0, // 0: the whole picture; k: step k of the pass
  chosen: null,
  hits: [],
  hit: -1,
  moment: snapshots.length,
  colour: "role",
  scale: null,
  view: { x: 0, y: 0, k: 1 },
  playing: 0,
  turn: 0,
};
const passes = {
  forward: steps.filter((step) => step.kind === "forward"),
  backward: steps.filter((step) => step.kind === "backward"),
};
const currentStep = () => (state.at ? passes[state.pass][state.at - 1] : null);
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Fold, lay out and draw; `anchor` (a card or box) stays where it was on the screen. */
async function refresh(anchor = null, fit = false) {
  const turn = ++state.turn;
  const picture = fold(state.open);
  say(picture.cards.length > 600 ? `laying out ${picture.cards.length} cards \u2026` : "");
  const before = performance.now();
  try {
    await layOut(picture);
  } catch (error) {
    say(`The layout failed: ${error.message}. Fold some boxes and try again.`);
    return;
  }
  if (turn !== state.turn) return; // a later wish has overtaken this one
  const was = anchor && spot(state.picture, anchor);
  state.picture = picture;
  draw(picture);
  paint();
  const is = anchor && spot(picture, anchor);
  if (fit) fitView();
  else if (was && is) {
    state.view.x += (was[0] - is[0]) * state.view.k;
    state.view.y += (was[1] - is[1]) * state.view.k;
    moveView();
  } else moveView();
  mark();
  showAbout();
  if (state.chosen != null) showCard(picture.cards.find((card) => card.id === state.chosen));
  const spent = Math.round(performance.now() - before);
  say(`${headerOf(picture)} \u00b7 laid out in ${spent} ms`);
  document.documentElement.dataset.ready = String(turn);
}

function spot(picture, { card, box }) {
  const face = faces.get(box);
  const thing =
    picture.cards.find((one) => one.id === card || (face && one.id === face.id)) ||
    picture.boxes.find((one) => one.id === box);
  return thing ? [thing.x, thing.y] : null;
}

function say(text) {
  byId("status").textContent = text;
}

function toggle(box) {
  if (state.open.has(box)) state.open.delete(box);
  else state.open.add(box);
  state.lent = state.lent.filter((one) => one !== box);
  return refresh({ box });
}

function openAll(sure = false) {
  if (cards.length > REFUSE) {
    say(`${cards.length.toLocaleString("en")} cards are too many to open at once; open box by box.`);
    return;
  }
  if (cards.length > ASK && !sure) {
    byId("ask-text").textContent = `All ${cards.length.toLocaleString("en")} cards at once may take a minute to lay out.`;
    byId("ask").hidden = false;
    byId("ask-yes").focus();
    return;
  }
  state.open = new Set(boxes.map((box) => box.id));
  refresh(null, true);
}

/** Open what hides card `id`, choose it and bring it into the middle. */
async function reveal(id, choosing = false) {
  const shut = around(cardOf.get(id).box).filter((box) => !state.open.has(box));
  if (shut.length) {
    for (const box of shut) state.open.add(box);
    await refresh();
  }
  if (choosing) choose(id);
  centre(id);
}

function mark() {
  const step = currentStep();
  const reached = step ? reachedBy(step) : null;
  const hits = new Set(state.hits.map(visibleEnd));
  const first = state.hit >= 0 ? visibleEnd(state.hits[state.hit]) : null;
  const now = step ? visibleEnd(step.card) : null;
  for (const card of state.picture.cards) {
    const node = byId(`card-${card.id}`);
    const id = card.copy_of ?? card.id;
    const far = reached && id !== now && !reached.has(id);
    node.classList.toggle("now", id === now);
    node.classList.toggle("far", Boolean(far));
    node.classList.toggle("hit", hits.has(card.id));
    node.classList.toggle("first", card.id === first);
    node.classList.toggle("chosen", card.id === state.chosen);
  }
  state.picture.edges.forEach((edge, at) => {
    const node = byId(`edge-${at}`);
    const flows = state.pass === "forward" || edge.carries_grad !== false;
    const lit = Boolean(step) && edge.target === now && flows;
    node.classList.toggle("lit", lit);
    node.classList.toggle("flow", lit && state.playing > 0);
    node.classList.toggle("far", Boolean(reached) && !lit && edge.target !== now && !reached.has(edge.target));
    node.classList.toggle("touch", !step && state.chosen != null && (edge.source === state.chosen || edge.target === state.chosen));
    for (const path of node.querySelectorAll("path")) {
      path.setAttribute("d", lit && state.pass === "backward" ? path.dataset.back : path.dataset.onward);
    }
  });
}

/** The card that stands for card `id` in the picture: itself, or the folded box it is in. */
function visibleEnd(id) {
  const shut = around(cardOf.get(id).box).filter((box) => !state.open.has(box));
  return shut.length ? base + shut[shut.length - 1] : id;
}

function reachedBy(step) {
  const out = new Set();
  for (const one of passes[step.kind]) {
    if (one.index > step.index) break;
    out.add(visibleEnd(one.card));
    for (const id of one.to || []) if (cardOf.has(id)) out.add(visibleEnd(id));
  }
  if (step.kind === "forward") {
    for (const card of state.picture.cards) if (isLeaf(card)) out.add(card.copy_of ?? card.id);
  }
  return out;
}

/** Fill cards by a quantity on a logarithmic scale, or as Python painted them. */
function paint() {
  const sizes = new Map();
  for (const card of state.picture.cards) {
    const source = card.group ? card : card.copy_of != null ? cardOf.get(card.copy_of) : card;
    const found = {
      grad: () => summaryOf(source, "grads").rms,
      value: () => summaryOf(source, "values").rms,
      time: () => source.seconds,
      memory: () => source.bytes,
    }[state.colour];
    const size = found && found();
    if (size > 0) sizes.set(card.id, Math.log10(size));
  }
  const all = [...sizes.values()];
  state.scale = all.length ? [Math.min(...all), Math.max(...all)] : null;
  for (const card of state.picture.cards) {
    const node = byId(`card-${card.id}`);
    let fill = state.colour === "role" ? card.paint : null;
    if (sizes.has(card.id)) {
      const [low, high] = state.scale;
      const share = high > low ? (sizes.get(card.id) - low) / (high - low) : 0.5;
      fill = data.ramp[Math.round(share * (data.ramp.length - 1))];
    }
    const look = card.group ? card.group.kind : card.role;
    node.style.setProperty("--header", fill || `var(--${look}-header)`);
    for (const text of node.querySelectorAll(".name,.type")) text.style.fill = fill ? inkOn(fill) : "";
  }
}

function inkOn(fill) {
  const parts = [1, 3, 5].map((at) => parseInt(fill.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#111418" : "#fffffe";
}

function choose(id) {
  state.chosen = id;
  showCard(id == null ? null : state.picture.cards.find((card) => card.id === id));
  mark();
}
