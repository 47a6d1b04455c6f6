// Pan and zoom.

function moveView(glide = false) {
  const { x, y, k } = state.view;
  byId("world").classList.toggle("glide", glide && !still.matches);
  byId("world").style.transform = `translate(${x}px, ${y}px) scale(${k})`;
}

function fitView() {
  const { width, height } = byId("canvas").getBoundingClientRect();
  const { width: wide = 1, height: tall = 1 } = state.picture;
  const k = Math.min((width - 48) / wide, (height - 48) / tall, 1.4);
  state.view = { k, x: (width - wide * k) / 2, y: (height - tall * k) / 2 };
  moveView();
}

/** The first sight: the whole graph if it can be read, else its beginning at a readable size. */
function firstView() {
  fitView();
  const least = 0.6;
  const first = state.picture.cards[0];
  if (state.view.k >= 0.85 || !first) return;
  const { width } = byId("canvas").getBoundingClientRect();
  const k = Math.max(least, Math.min(0.9, (width - 48) / state.picture.width));
  const slack = (width - state.picture.width * k) / 2;
  // Too wide to show: begin near the first card.
  const x = slack > 0 ? slack : Math.min(24, width * 0.3 - (first.x + first.size.width / 2) * k);
  state.view = { k, x, y: 20 };
  moveView();
}

function zoom(by, x, y) {
  const frame = byId("canvas").getBoundingClientRect();
  const [px, py] = [x ?? frame.width / 2, y ?? frame.height / 2];
  const { view } = state;
  const k = Math.max(0.03, Math.min(6, view.k * by));
  state.view = { k, x: px - ((px - view.x) * k) / view.k, y: py - ((py - view.y) * k) / view.k };
  moveView();
}

function placeOf(id) {
  const end = visibleEnd(id);
  const card = state.picture.cards.find((one) => one.id === end);
  return card && card.size ? card : null;
}

function centre(id) {
  const card = placeOf(id);
  if (!card) return;
  const { width, height } = byId("canvas").getBoundingClientRect();
  const k = Math.max(state.view.k, 0.7);
  const [x, y] = [card.x + card.size.width / 2, card.y + card.size.height / 2];
  state.view = { k, x: width / 2 - x * k, y: height / 2 - y * k };
  moveView(true);
}

function keepInSight(id) {
  const card = placeOf(id);
  if (!card) return;
  const { width, height } = byId("canvas").getBoundingClientRect();
  const { x, y, k } = state.view;
  const [left, top] = [card.x * k + x, card.y * k + y];
  const inside = left > 10 && top > 10 && left + card.size.width * k < width - 10 && top + card.size.height * k < height - 10;
  if (!inside || k < 0.4) centre(id);
}
