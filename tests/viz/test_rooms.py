"""What each folder of the graph view may know."""

from __future__ import annotations

import pytest

from tests import imports

# What is asked of nodes outside viz.reading: the outputs of a picture, a pass that is watched, the
# calls of a model.
ASKS = {"viz.command", "viz.layers", "viz.picture", "viz.trace"}
VIZ = sorted(m for m in imports.modules() if m.startswith("viz."))


@pytest.mark.parametrize("module", VIZ)
def test_the_engine_is_known_to_those_who_read_nodes(module: str) -> None:
    knows = any(imports.room(other) == "engine" for other in imports.imports_of(module))
    assert not knows or module in ASKS or module.startswith("viz.reading.")


@pytest.mark.parametrize(
    "module", [m for m in VIZ if m.split(".")[1] in ("folding", "writers", "page")]
)
def test_folding_and_writing_take_views_alone(module: str) -> None:
    assert not any(other.startswith("viz.reading") for other in imports.imports_of(module))
