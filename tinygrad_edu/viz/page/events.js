// Pointer, keys, buttons; then the first drawing.

function press(target) {
  const card = target.closest(".card");
  const box = target.closest(".box");
  if (card) {
    const found = state.picture.cards.find((one) => `card-${one.id}` === card.id);
    if (found.group) toggle(found.group.box);
    else choose(found.id === state.chosen ? null : found.id);
  } else if (box) toggle(Number(box.id.slice(4)));
}

const canvas = byId("canvas");
const fingers = new Map();
let moved = 0;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  if (fingers.size === 1) moved = 0;
});
canvas.addEventListener("pointermove", (event) => {
  const was = fingers.get(event.pointerId);
  if (!was) return;
  const is = [event.clientX, event.clientY];
  if (fingers.size === 2) {
    const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
    const spread = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]) || 1;
    const frame = canvas.getBoundingClientRect();
    zoom(spread(is) / spread(was), (is[0] + other[0]) / 2 - frame.left, (is[1] + other[1]) / 2 - frame.top);
    moved = 99;
  } else {
    moved += Math.abs(is[0] - was[0]) + Math.abs(is[1] - was[1]);
    if (moved > 4) {
      canvas.setPointerCapture(event.pointerId);
      canvas.classList.add("drag");
      state.view.x += is[0] - was[0];
      state.view.y += is[1] - was[1];
      moveView();
    }
  }
  fingers.set(event.pointerId, is);
});
for (const name of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(name, (event) => {
    fingers.delete(event.pointerId);
    canvas.classList.remove("drag");
  });
}
canvas.addEventListener("click", (event) => {
  if (moved <= 4) press(event.target);
});
canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const frame = canvas.getBoundingClientRect();
    const unit = event.deltaMode === 1 ? 24 : 1;
    zoom(Math.exp(-event.deltaY * unit * 0.0016), event.clientX - frame.left, event.clientY - frame.top);
  },
  { passive: false },
);
canvas.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  if (card && event.target.matches(":focus-visible")) {
    const found = state.picture.cards.find((one) => `card-${one.id}` === card.id);
    keepInSight(found.group ? cards.find((one) => visibleEnd(one.id) === found.id).id : (found.copy_of ?? found.id));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  const typing = target.matches("input[type=search], select");
  if (typing) {
    if (key === "Escape") target.blur();
    if (key === "Enter" && target.id === "search") nextHit(event.shiftKey ? -1 : 1);
    return;
  }
  const on = target.closest(".card, .box");
  if (on && (key === "Enter" || key === " ")) {
    event.preventDefault();
    const again = on.id;
    press(on);
    requestAnimationFrame(() => byId(again)?.focus());
    return;
  }
  const control = target.matches("button, input");
  const act = {
    ArrowRight: () => goTo(state.at + 1),
    ArrowLeft: () => goTo(state.at - 1),
    Home: () => goTo(0),
    End: () => goTo(Infinity),
    " ": () => play(!state.playing),
    "/": () => byId("search").focus(),
    "+": () => zoom(1.25),
    "=": () => zoom(1.25),
    "-": () => zoom(0.8),
    0: () => fitView(),
    Escape: () => {
      byId("ask").hidden = true;
      play(false);
      choose(null);
    },
  }[key];
  // Arrows move a slider or a radio by themselves, and Space presses a button.
  if (!act || (control && (key === " " || (target.matches("input") && key.startsWith("Arrow"))))) return;
  event.preventDefault();
  act();
});

const clicks = {
  "fold-all": () => {
    state.open.clear();
    refresh(null, true);
  },
  "fold-start": () => {
    state.open = new Set(start);
    refresh(null, true);
  },
  "open-all": () => openAll(),
  "ask-yes": () => {
    byId("ask").hidden = true;
    openAll(true);
  },
  "ask-no": () => {
    byId("ask").hidden = true;
  },
  "zoom-in": () => zoom(1.25),
  "zoom-out": () => zoom(0.8),
  "zoom-fit": () => fitView(),
  "step-first": () => goTo(0),
  "step-back": () => goTo(state.at - 1),
  "step-on": () => goTo(state.at + 1),
  "step-last": () => goTo(Infinity),
  play: () => play(!state.playing),
  theme: () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  },
};
for (const [id, action] of Object.entries(clicks)) byId(id).addEventListener("click", action);
byId("step").addEventListener("input", (event) => goTo(Number(event.target.value)));
byId("search").addEventListener("input", (event) => search(event.target.value));
byId("colour").addEventListener("change", (event) => {
  state.colour = event.target.value;
  paint();
  showAbout();
});
for (const pass of ["forward", "backward"]) {
  byId(`pass-${pass}`).addEventListener("change", () => setPass(pass));
}
still.addEventListener("change", () => still.matches && play(false));

function showMoment() {
  const now = state.moment > 0 ? clean(snapshots[state.moment - 1].label) : "as drawn";
  byId("moment-text").textContent = now;
  byId("moment").setAttribute("aria-valuetext", now);
}
if (snapshots.length) {
  byId("moment-set").hidden = false;
  byId("moment").max = snapshots.length;
  byId("moment").value = state.moment;
  byId("moment").addEventListener("input", (event) => {
    state.moment = Number(event.target.value);
    showMoment();
    for (const card of state.picture.cards) card.size = measure(card);
    draw(state.picture);
    paint();
    mark();
    showAbout();
    if (state.chosen != null) choose(state.chosen);
  });
  showMoment();
}

byId("title").textContent = clean(data.title || "Graph");
showStepper();
refresh(null, true).then(() => firstView());
