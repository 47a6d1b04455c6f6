"""The page in a real browser: it opens alone, folds, steps, searches, says what was computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.viz.browser import Browser, find_browser
from tests.viz.examples import (
    HOSTILE,
    hostile,
    nan_case,
    rnn,
    softmax_box,
    square,
    transformer,
    xor,
)
from tinygrad_edu.viz.folding.fold import PAGE_BUDGET, fold
from tinygrad_edu.viz.health import with_health
from tinygrad_edu.viz.labels import card_names, marks, rows, step_lines
from tinygrad_edu.viz.model import Annotation, Snapshot, View
from tinygrad_edu.viz.page.build import to_html
from tinygrad_edu.viz.reading.summarise import summarise

pytestmark = pytest.mark.skipif(find_browser() is None, reason="there is no Chromium here")

Show = Callable[..., Browser]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as tab:
        yield tab


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open a view's page; afterwards there must have been no error and no request but its own."""
    path = tmp_path / "graph.html"

    def open_page(view: View, **options: Any) -> Browser:
        path.write_text(to_html(view, **options), encoding="utf-8")
        browser.open(path)
        return browser

    yield open_page
    assert browser.errors() == []
    assert browser.requests() == [path.resolve().as_uri()]


def cards_of(tab: Browser) -> dict[int, list[str]]:
    """The texts on each card, label and text in turn."""
    script = """Object.fromEntries([...document.querySelectorAll('.card')].map(card => [
        card.id.slice(5),
        [...card.querySelectorAll('.label,.text,.marktext')].map(t => t.textContent),
    ]))"""
    found: dict[str, list[str]] = tab.evaluate(script)
    return {int(key): value for key, value in found.items()}


def settled(tab: Browser, action: Callable[[], object]) -> None:
    """Do something that draws the picture anew, and wait for it."""
    before = tab.evaluate("document.documentElement.dataset.ready")
    action()
    tab.wait_for(f"document.documentElement.dataset.ready !== '{before}'")


def status(tab: Browser) -> str:
    return str(tab.evaluate("document.getElementById('status').textContent"))


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (xor, {}),
        (square, {}),
        (softmax_box, {"collapse": ("softmax",)}),
        (lambda: transformer(12), {}),
        (lambda: rnn(200), {}),
        (lambda: rnn(20), {"budget": 30}),
    ],
)
def test_the_page_shows_what_the_other_formats_show(
    show: Show, make: Callable[[], View], options: dict[str, Any]
) -> None:
    tab = show(make(), **options)
    expected = fold(make(), **{"budget": PAGE_BUDGET, **options})
    wanted = {c.id: [w for row in rows(c) for w in row] for c in expected.cards}
    found = cards_of(tab)
    copies = {c.id for c in expected.cards if c.copy_of is not None}
    assert {i: t for i, t in found.items() if t} == {
        i: t for i, t in wanted.items() if i not in copies
    }
    assert len(found) == len(expected.cards)
    assert tab.evaluate("document.querySelectorAll('.edge').length") == len(expected.edges)
    assert tab.evaluate("document.querySelectorAll('.box').length") == len(expected.boxes)
    assert status(tab).startswith(expected.header)


def test_a_box_folds_and_opens_with_the_mouse(show: Show) -> None:
    tab = show(xor())
    settled(tab, lambda: tab.click("#box-0 .grip", dx=60, dy=8))
    assert status(tab).startswith("showing 8 of 11 ops, 1 box folded")
    folded = fold(xor(), collapse=("fc1",))
    card = next(c for c in folded.cards if c.group)
    assert cards_of(tab)[card.id] == [w for row in rows(card) for w in row]
    settled(tab, lambda: tab.click(f"#card-{card.id}"))
    assert status(tab).startswith("showing 11 of 11 ops")
    assert tab.evaluate("document.querySelectorAll('#box-0').length") == 1


@pytest.mark.slow
def test_fold_all_reset_and_open_all(show: Show) -> None:
    tab = show(transformer(12))
    settled(tab, lambda: tab.click("#fold-all"))
    assert status(tab).startswith("showing 2 of 353 ops, 2 boxes folded")
    settled(tab, lambda: tab.click("#open-all"))
    assert status(tab).startswith("showing 353 of 353 ops")
    settled(tab, lambda: tab.click("#fold-start"))
    assert "11 boxes folded" in status(tab)


def test_keys_step_through_backward_with_the_engines_words(show: Show) -> None:
    view = xor()
    tab = show(view)
    steps = [s for s in view.steps if s.kind == "backward"]
    names = card_names(view)
    for number in range(3):
        tab.key("ArrowRight")
        lines = step_lines(steps[number], names, len(steps))
        text = tab.wait_for(
            f"document.querySelector('#step-panel h2')?.textContent.includes('{number + 1} of 11')"
            " && document.getElementById('step-panel').innerText"
        )
        assert all(part in text for _, part in lines[1:])
        assert tab.evaluate("document.querySelector('.card.now').id") == (
            f"card-{steps[number].card}"
        )
    assert tab.evaluate("document.querySelectorAll('.edge.lit').length") == 2
    assert tab.evaluate("document.querySelectorAll('.card.far').length") > 3
    tab.key("ArrowLeft")
    tab.wait_for("document.getElementById('step-text').textContent === 'backward 2/11'")
    tab.key("End")
    tab.wait_for("document.getElementById('step-text').textContent === 'backward 11/11'")
    tab.key("Home")
    tab.wait_for("!document.querySelector('.card.now, .card.far')")
    assert tab.evaluate("document.getElementById('step-panel').getAttribute('aria-live')")


def test_forward_steps_likewise(show: Show) -> None:
    tab = show(xor())
    tab.click("#pass-forward")
    tab.evaluate("document.activeElement.blur()")
    tab.key("ArrowRight")
    text = tab.wait_for("document.getElementById('step-panel').innerText")
    assert "Forward step 1 of 11: transpose" in text
    assert tab.evaluate("document.querySelector('.card.now').id") == "card-2"


def test_space_plays_and_pauses(show: Show) -> None:
    tab = show(softmax_box())
    tab.key(" ")
    tab.wait_for("document.getElementById('step-text').textContent === 'backward 2/8'")
    tab.key(" ")
    assert tab.evaluate("document.getElementById('play').textContent") == "Play"


def test_a_folded_box_opens_for_its_step_and_shuts_again(show: Show) -> None:
    tab = show(softmax_box(), collapse=("softmax",))
    assert tab.evaluate("document.querySelectorAll('.box').length") == 0
    for _ in range(4):
        tab.key("ArrowRight")
    tab.wait_for("document.querySelectorAll('.box').length === 1")
    tab.wait_for("document.querySelector('.card.now .name')?.textContent === 'div'")
    tab.key("Home")
    tab.wait_for("document.querySelectorAll('.box').length === 0")


def test_search_finds_what_is_folded_away_and_opens_it(show: Show) -> None:
    tab = show(transformer(12))
    tab.key("/")
    assert tab.evaluate("document.activeElement.id") == "search"
    for letter in "blocks.7.mlp.up.w":
        tab.key(letter)
    tab.wait_for("document.getElementById('hits').textContent === '1 found'")
    assert tab.evaluate("document.querySelectorAll('.card.hit').length") == 1
    tab.key("Enter")
    name = tab.wait_for("document.querySelector('.card.first .name')?.textContent.includes('7')")
    assert name
    assert tab.evaluate("document.getElementById('hits').textContent") == "1 of 1"


def test_a_click_shows_numbers_histogram_and_heat_map(show: Show) -> None:
    view = transformer(1)
    tab = show(view, collapse=("blocks",), expand=("head",))
    weight = next(c for c in view.cards if c.name == "head.weight")
    tab.click(f"#card-{weight.id}")
    text = tab.evaluate("document.getElementById('card-panel').innerText")
    assert weight.value.text in text
    assert weight.grad.text in text
    assert "40 elements" in text
    assert tab.evaluate("document.querySelectorAll('#card-panel .histogram .bin').length") == 40
    assert tab.evaluate("document.querySelectorAll('#card-panel .heatmap rect').length") == 80
    full = tab.evaluate("document.querySelector('#card-panel .matrix').textContent")
    assert full == weight.value.full
    tab.key("Escape")
    tab.wait_for("document.getElementById('card-panel').childElementCount === 0")


def test_the_slider_moves_through_training(show: Show) -> None:
    view = square()
    later = Snapshot("step 100", ((0, summarise(5.0)),), ((0, summarise(10.0)),))
    tab = show(replace(view, snapshots=(Snapshot("step 50", ((0, summarise(4.0)),)), later)))
    assert cards_of(tab)[0] == ["val", "5", "grad", "10"]
    assert tab.evaluate("document.getElementById('moment-text').textContent") == "step 100"
    move = "(()=>{const m=document.getElementById('moment');m.value=%d;"
    move += "m.dispatchEvent(new Event('input'))})()"
    tab.evaluate(move % 1)
    assert cards_of(tab)[0] == ["val", "4", "grad", "6"]
    tab.evaluate(move % 0)
    assert cards_of(tab)[0] == ["val", "3", "grad", "6"]


def test_dark_and_light(show: Show) -> None:
    tab = show(square())
    ground = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(ground)
    tab.click("#theme")
    dark = tab.evaluate(ground)
    assert (light, dark) == ("rgb(253, 253, 254)", "rgb(18, 21, 26)")
    tab.click("#theme")
    assert tab.evaluate(ground) == light
    dark_wish = [{"name": "prefers-color-scheme", "value": "dark"}]
    tab.call("Emulation.setEmulatedMedia", features=dark_wish)
    tab.evaluate("delete document.documentElement.dataset.theme")
    assert tab.evaluate(ground) == dark
    tab.call("Emulation.setEmulatedMedia", features=[])


def test_wheel_and_drag_move_the_picture(show: Show) -> None:
    tab = show(xor())
    where = "document.getElementById('world').style.transform"
    before = tab.evaluate(where)
    tab.call("Input.dispatchMouseEvent", type="mouseWheel", x=400, y=500, deltaX=0, deltaY=-240)
    tab.wait_for(f"{where} !== '{before}'")
    zoomed = tab.evaluate(where)
    for kind, x in (("mousePressed", 60), ("mouseMoved", 160), ("mouseReleased", 160)):
        tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=800, button="left", buttons=1)
    assert tab.evaluate(where) != zoomed
    tab.key("0")
    script = "(()=>{const w=document.getElementById('world').getBoundingClientRect(),"
    script += "s=document.getElementById('canvas').getBoundingClientRect();"
    script += "return w.left>=s.left&&w.right<=s.right&&w.top>=s.top&&w.bottom<=s.bottom})()"
    assert tab.evaluate(script)


def test_cards_are_reached_with_tab_in_the_order_of_computation(show: Show) -> None:
    view = xor()
    tab = show(view)
    script = "[...document.querySelectorAll('.card')].map(c => Number(c.id.slice(5)))"
    assert tab.evaluate(script) == [c.id for c in view.cards]
    script = "[...document.querySelectorAll('.card,.box')].every(c => c.tabIndex === 0"
    script += " && c.getAttribute('role') === 'button' && c.getAttribute('aria-label').length > 9)"
    assert tab.evaluate(script)
    tab.evaluate("document.getElementById('card-1').focus()")
    tab.key("Enter")
    assert "fc1.weight" in tab.evaluate("document.getElementById('card-panel').innerText")
    tab.evaluate("document.getElementById('box-0').focus()")
    settled(tab, lambda: tab.key("Enter"))
    assert status(tab).startswith("showing 8 of 11 ops")
    unnamed = "[...document.querySelectorAll('button,input,select')].filter(e => !(e.textContent"
    unnamed += ".trim() || e.getAttribute('aria-label') || e.labels?.length)).length"
    assert tab.evaluate(unnamed) == 0


def test_reduced_motion_stops_play(show: Show) -> None:
    tab = show(softmax_box())
    tab.key(" ")
    tab.wait_for("document.getElementById('play').textContent === 'Pause'")
    wish = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    tab.call("Emulation.setEmulatedMedia", features=wish)
    tab.wait_for("document.getElementById('play').textContent === 'Play'")
    tab.call("Emulation.setEmulatedMedia", features=[])


def test_hostile_names_are_only_text(show: Show) -> None:
    tab = show(hostile())
    assert tab.evaluate("document.querySelectorAll('script').length") == 3
    assert tab.evaluate("document.querySelectorAll('#world b, #world script').length") == 0
    names = tab.evaluate("[...document.querySelectorAll('.card .name')].map(t => t.textContent)")
    assert HOSTILE[1] in names
    assert HOSTILE[2] in names
    assert "two\\nlines\\tand\\x00nul" in names
    assert "\\ud800 lone surrogate" in names
    tab.click("#fold-all")
    # drawn: the frame after the next has begun
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_marks_and_annotations(show: Show) -> None:
    view = square()
    note = Annotation("wrong gradient", "#b00020", 4.0)
    cards = (view.cards[0], replace(view.cards[1], annotations=(note,), tags=("vanishing",)))
    tab = show(with_health(replace(view, cards=cards)))
    assert cards_of(tab)[1][-1] == ", ".join(marks(cards[1])) == "vanishing, wrong gradient"
    border = "getComputedStyle(document.querySelector('#card-1 .frame')).stroke"
    assert tab.evaluate(border) == "rgb(176, 0, 32)"


def test_colours_by_gradient_have_a_legend(show: Show) -> None:
    tab = show(xor())
    choose = "(()=>{const c=document.getElementById('colour');c.value='grad';"
    choose += "c.dispatchEvent(new Event('change'))})()"
    tab.evaluate(choose)
    about = tab.evaluate("document.getElementById('about').innerText")
    assert "by gradient size" in about
    assert "rms 0.111" in about
    fill = "getComputedStyle(document.querySelector('#card-17 .head')).fill"
    assert tab.evaluate(fill) == "rgb(254, 232, 56)"


@pytest.mark.slow
def test_opening_too_many_is_asked_first(show: Show) -> None:
    tab = show(rnn(400))
    tab.click("#open-all")
    assert tab.evaluate("document.getElementById('ask').hidden") is False
    assert "2,405 cards" in tab.evaluate("document.getElementById('ask-text').textContent")
    tab.click("#ask-no")
    assert tab.evaluate("document.getElementById('ask').hidden") is True


def shown_size(tab: Browser, width: int, height: int) -> None:
    tab.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=height,
        deviceScaleFactor=1,
        mobile=False,
    )


def test_at_200_percent_everything_is_within_reach(show: Show) -> None:
    """A window of 1400 x 900 zoomed to 200 %: nothing is cut off sideways, the graph keeps room."""
    tab = show(xor())
    try:
        shown_size(tab, 700, 450)
        tab.wait_for("document.getElementById('stage').clientHeight >= 270")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        outside = "[...document.querySelectorAll('button,input,select')].filter(e => e.offsetParent"
        outside += " && (e.getBoundingClientRect().left < 0"
        outside += " || e.getBoundingClientRect().right > innerWidth)).length"
        assert tab.evaluate(outside) == 0
        tab.key("ArrowRight")
        tab.wait_for("document.querySelectorAll('.card.now').length === 1")
        shown_size(tab, 390, 800)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        shown_size(tab, 1500, 1000)


CONTRAST = """(() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05); };
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const e of document.querySelectorAll('h1,h2,h3,p,span,button,label,output,dt,dd,pre,kbd')) {
    if (!e.offsetParent || !e.textContent.trim() || e.disabled || e.closest('svg')) continue;
    const found = ratio(parse(getComputedStyle(e).color), ground(e));
    if (found < 4.5) bad.push(`${e.tagName} ${e.textContent.trim().slice(0, 20)} ${found}`);
  }
  for (const card of document.querySelectorAll('.card')) {
    const fill = (s) => parse(getComputedStyle(card.querySelector(s)).fill);
    for (const t of card.querySelectorAll('text')) {
      const at = t.matches('.name,.type') ? '.head' : t.matches('.marktext') ? '.mark' : '.body';
      const found = ratio(parse(getComputedStyle(t).fill), fill(at));
      if (found < 4.5) bad.push(`card ${t.textContent} ${found}`);
    }
  }
  return bad;
})()"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["role", "grad"])
def test_contrast_as_the_browser_paints_it(show: Show, theme: str, colour: str) -> None:
    view = with_health(nan_case())
    cards = (replace(view.cards[0], tags=("vanishing",)), *view.cards[1:])
    tab = show(replace(view, cards=cards))
    tab.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    choose = "(()=>{const c=document.getElementById('colour');c.value='%s';"
    choose += "c.dispatchEvent(new Event('change'))})()"
    tab.evaluate(choose % colour)
    tab.click("#card-0 .name")
    assert tab.evaluate(CONTRAST) == []
    tab.evaluate("delete document.documentElement.dataset.theme")
