// Stepping through a pass, and searching.

async function goTo(at) {
  const all = passes[state.pass];
  state.at = Math.max(0, Math.min(all.length, at));
  const step = currentStep();
  // A folded group opens for its step, and shuts again when the step is past.
  const needed = step ? around(cardOf.get(step.card).box) : [];
  const shut = state.lent.filter((box) => !needed.includes(box));
  const opened = needed.filter((box) => !state.open.has(box));
  for (const box of shut) state.open.delete(box);
  for (const box of opened) state.open.add(box);
  state.lent = state.lent.filter((box) => needed.includes(box)).concat(opened);
  showStepper();
  showStep();
  if (shut.length || opened.length) await refresh();
  else mark();
  if (step) {
    if (currentStep() === step) keepInSight(step.card);
  }
}

function showStepper() {
  const all = passes[state.pass];
  const slider = byId("step");
  slider.max = all.length;
  slider.value = state.at;
  slider.disabled = !all.length;
  byId("passes").hidden = byId("walk").hidden = slider.hidden = !steps.length;
  const none = steps.length ? `no ${state.pass} steps recorded` : "For steps of backward, draw viz.backward(loss).";
  const text = !all.length ? none : state.at ? `${state.pass} ${state.at}/${all.length}` : `whole picture, ${all.length} steps`;
  byId("step-text").textContent = text;
  slider.setAttribute("aria-valuetext", text);
  byId(`pass-${state.pass}`).checked = true;
  for (const id of ["step-first", "step-back"]) byId(id).disabled = state.at === 0;
  for (const id of ["step-on", "step-last", "play"]) byId(id).disabled = !all.length;
}

function play(on) {
  clearTimeout(state.playing);
  state.playing = 0;
  byId("play").textContent = on ? "Pause" : "Play";
  byId("play").setAttribute("aria-pressed", String(on));
  if (!on) {
    mark();
    return;
  }
  const last = passes[state.pass].length;
  const beat = async () => {
    await goTo(state.at >= last ? 1 : state.at + 1);
    if (!state.playing) return;
    if (state.at >= last) play(false);
    else state.playing = setTimeout(beat, 1100);
  };
  state.playing = setTimeout(beat, 0);
}

function setPass(pass) {
  state.pass = pass;
  goTo(0);
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  state.hits = [];
  state.hit = -1;
  if (wanted) {
    for (const card of cards) {
      const words = [card.name, card.op, ...(card.tags || []), ...(card.annotations || []).map((a) => a.label)];
      const where = card.box === ROOT ? "" : boxOf.get(card.box).path || "";
      if (words.some((word) => word && word.toLowerCase().includes(wanted)) || where.toLowerCase().includes(wanted)) {
        state.hits.push(card.id);
      }
    }
  }
  byId("hits").textContent = wanted ? `${state.hits.length} found` : "";
  mark();
}

async function nextHit(by) {
  if (!state.hits.length) return;
  state.hit = (state.hit + by + state.hits.length) % state.hits.length;
  await reveal(state.hits[state.hit]);
  byId("hits").textContent = `${state.hit + 1} of ${state.hits.length}`;
  mark();
}
