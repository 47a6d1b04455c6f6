"""Contrast, and colours that speak with a word or a border beside them."""

from __future__ import annotations

import itertools

import pytest

from tinygrad_edu.viz.theme import (
    DARK,
    DARK_INK,
    LIGHT,
    LIGHT_INK,
    RAMP,
    contrast,
    dark_of,
    ink_on,
    luminance,
)

THEMES = [(LIGHT, LIGHT_INK), (DARK, DARK_INK)]


@pytest.mark.parametrize(("styles", "ink"), THEMES, ids=["light", "dark"])
def test_text_reads_on_every_ground(styles: dict, ink: dict) -> None:
    grounds = [s.fill for s in styles.values()] + [s.header for s in styles.values()]
    grounds += [ink["page"], ink["bar"], ink["control"], ink["litfill"]]
    for ground, word in itertools.product(grounds, ("text", "muted")):
        assert contrast(ink[word], ground) >= 4.5, (word, ground)
    assert contrast(ink["alarmtext"], ink["alarm"]) >= 4.5
    for ground in [ink["page"], *(s.fill for s in styles.values())]:
        assert contrast(styles["composed"].border, ground) >= 4.5, ground  # broadcast labels


@pytest.mark.parametrize(("styles", "ink"), THEMES, ids=["light", "dark"])
def test_borders_and_lines_stand_out(styles: dict, ink: dict) -> None:
    for name in ("parameter", "input", "output", "composed", "op"):
        assert contrast(styles[name].border, ink["page"]) >= 3, name
    for name in ("edge", "lit", "alarm"):
        assert contrast(ink[name], ink["page"]) >= 3, name


def test_roles_differ_in_more_than_colour() -> None:
    looks = {
        (s.width, s.line, s.rounded)
        for s in (LIGHT[n] for n in ("parameter", "input", "constant", "op", "output"))
    }
    assert len(looks) == 5


def test_each_light_colour_has_one_dark_one() -> None:
    pairs = dark_of()
    seen: dict[str, str] = {}
    for table, other in ((LIGHT_INK, DARK_INK),):
        for name, color in table.items():
            assert seen.setdefault(color, other[name]) == other[name], name
    for name, style in LIGHT.items():
        for part in ("fill", "header", "border"):
            color, dark = getattr(style, part), getattr(DARK[name], part)
            assert pairs[color] == dark, (name, part)


def test_the_ramp_is_even_in_lightness_and_readable() -> None:
    light = [luminance(c) for c in RAMP]
    assert light == sorted(light)
    assert all(contrast(ink_on(c), c) >= 4.5 for c in RAMP)
