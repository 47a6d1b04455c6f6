"""The view model: everything a picture of a graph says, as plain data.

A reader of the engine's graph fills these records; folding, layout, text, DOT, SVG, Mermaid, JSON
and the HTML page take nothing else. All are frozen, compare by value and hold only numbers,
strings and tuples, so the same graph gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["parameter", "input", "constant", "op", "output"]
BoxKind = Literal["module", "composed", "user", "order", "part", "repeat"]
StepKind = Literal["forward", "backward"]

# Why a card has no gradient, or no value: four different facts a learner must not confuse with 0.
NOT_RUN = "backward not run"
NOT_ASKED = "not asked for"
FREED = "freed"
HIDDEN = "not to be shown"  # by the wish of who draws: there is no row for it
NO_PATH = "no path to loss"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of the finite elements in equal bins from `low` to `high`."""

    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A matrix of at most 64 x 64 as numbers, row by row; `None` where it is not finite.

    `limit` is the largest magnitude: the colour scale runs from -limit to limit, zero in the
    middle.
    """

    rows: int
    columns: int
    values: tuple[float | None, ...]
    limit: float


@dataclass(frozen=True, slots=True)
class Summary:
    """An array in words and figures, or the reason why there is none.

    Exactly one of `text` and `reason` is not empty. The figures are taken over the finite
    elements; `nan` and `inf` count the others.
    """

    text: str = ""
    reason: str = ""
    size: int = 0
    nan: int = 0
    inf: int = 0
    zero: int = 0
    rms: float | None = None
    largest: float | None = None
    full: str = ""
    histogram: Histogram | None = None
    heatmap: Heatmap | None = None

    @property
    def known(self) -> bool:
        """Whether there is an array to speak of."""
        return not self.reason

    @property
    def shown(self) -> str:
        """What the card prints: the numbers, or the reason in brackets."""
        return f"({self.reason})" if self.reason else self.text


@dataclass(frozen=True, slots=True)
class Annotation:
    """A mark that any reader may put on a card: a label and the border that goes with it.

    `color` is `#rrggbb`; `width` is in points; `style` is the border's.
    """

    label: str
    color: str
    width: float = 2.0
    style: Literal["solid", "dashed"] = "solid"


@dataclass(frozen=True, slots=True)
class Group:
    """What a folded box stands for, carried by the one card that replaces it."""

    box: int
    kind: BoxKind
    label: str
    ops: tuple[str, ...] = ()
    count: int = 0
    cards: int = 0
    repeat: int = 1
    parameters: int = 0
    closed_form: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One op, or one leaf, or (with `group`) one folded box, or (with `copy_of`) a second
    appearance of a leaf that is used in many places.

    `id` is the order of creation, so every card comes after its inputs. `box` is the innermost
    scope's id, -1 outside all. `name` is the user's or the parameter's dotted name, empty for an
    op without one. `meaning` says what the card is where neither name nor op does, as `X @ W.T` or
    `d loss/d x`. `kwargs`, `saved`, `cost` and `source` are printed as they are. `rule` has one
    line per input. `order` counts differentiations: 0 forward, 1 its gradient, and so on.
    `of` is the id of the forward card whose gradient this card is. `paint` is a fill `#rrggbb`
    which overrides the role's.
    """

    id: int
    op: str
    role: Role = "op"
    name: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    value: Summary = field(default_factory=lambda: Summary(reason=NOT_ASKED))
    grad: Summary = field(default_factory=lambda: Summary(reason=NOT_RUN))
    needs_grad: bool = True
    forward_step: int | None = None
    backward_step: int | None = None
    order: int = 0
    of: int | None = None
    box: int = -1
    meaning: str = ""
    kwargs: str = ""
    rule: tuple[str, ...] = ()
    saved: str = ""
    cost: str = ""
    seconds: float | None = None
    bytes: int | None = None
    source: str = ""
    tags: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    paint: str = ""
    group: Group | None = None
    copy_of: int | None = None

    @property
    def title(self) -> str:
        """The bold line: a name where there is one, else the op."""
        return self.name or self.op

    @property
    def is_leaf(self) -> bool:
        """Whether nothing computed this card: a parameter, an input or a constant."""
        return self.role in ("parameter", "input", "constant")


@dataclass(frozen=True, slots=True)
class Edge:
    """One use of `source` by `target`, as argument number `position` named `argument`.

    `note` says what broadcasting did, as `(2)->(4, 2)`. `count` is more than 1 only where folding
    laid several uses on one line. `rms` is the size of the gradient that flows back along it and
    `width` the line's, in points.
    """

    source: int
    target: int
    argument: str = ""
    position: int = 0
    shape: tuple[int, ...] = ()
    note: str = ""
    carries_grad: bool = True
    rms: float | None = None
    width: float = 1.2
    count: int = 1


@dataclass(frozen=True, slots=True)
class Box:
    """A scope: a module's call (solid), a composed function (dashed), or a user's.

    `parent` is the enclosing box's id, -1 outside all; a parent's id is smaller than its
    children's. `name` is what the box is called where it stands (`fc1`, `softmax`), `label` what
    kind of thing it is (`Linear`, `softmax`), `path` the dotted path, `call` the number of the
    call. `closed_form` is the composed function's own derivative in one line, where one is
    declared. `kind` "order" groups the graph of a gradient. The kinds "part" (a stretch of a long
    graph without scopes) and "repeat" (`repeat` boxes of equal structure in a row, drawn only
    while folded) are made here, not by the engine's reader.
    """

    id: int
    name: str
    kind: BoxKind = "module"
    parent: int = -1
    label: str = ""
    path: str = ""
    call: int = 0
    closed_form: str = ""
    parameters: int = 0
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one backward step hands to one input.

    `stored` is "stored" for the first contribution an input receives and "added" for later ones,
    where `old` and `total` are the sums before and after. `unbroadcast` names the sum that undoes
    a broadcast, empty when there was none.
    """

    to: int
    argument: str
    value: str
    stored: Literal["stored", "added"] = "stored"
    old: str = ""
    total: str = ""
    unbroadcast: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the forward or backward pass, in the engine's true order.

    Forward: `rule` is the op's formula, `numbers` the same with numbers and `result` the value.
    Backward: `cotangent` arrives, `rule` is the text of the derivative, `numbers` the same with
    numbers, `contributions` what goes to each input. `check` says what finite differences found.
    """

    kind: StepKind
    index: int
    card: int
    cotangent: str = ""
    shape: tuple[int, ...] = ()
    rule: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    result: str = ""
    contributions: tuple[Contribution, ...] = ()
    check: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The values and gradients of some cards at one saved moment of training."""

    label: str
    values: tuple[tuple[int, Summary], ...] = ()
    grads: tuple[tuple[int, Summary], ...] = ()


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the colour legend."""

    color: str
    label: str


@dataclass(frozen=True, slots=True)
class View:
    """The whole picture.

    `total` is the number of ops in the graph (leaves are not ops); the reader may leave it 0, then
    the cards are counted. `note` is one sentence for the reader of the picture.
    """

    title: str
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...] = ()
    boxes: tuple[Box, ...] = ()
    steps: tuple[Step, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    legend: tuple[LegendEntry, ...] = ()
    direction: Literal["TB", "LR"] = "TB"
    total: int = 0
    note: str = ""

    @property
    def ops(self) -> int:
        """How many ops the whole graph has."""
        return self.total or count_ops(self.cards)

    @property
    def header(self) -> str:
        """How much of the graph the picture shows, as `showing 25 of 358 ops`.

        A folded box is not an op that is shown: what it hides is what folding hid.
        """
        shown = sum(1 for c in self.cards if not c.is_leaf and c.group is None)
        text = f"showing {shown:,} of {self.ops:,} {'op' if self.ops == 1 else 'ops'}"
        folded = sum(c.group.repeat for c in self.cards if c.group is not None)
        if folded:
            text += f", {folded:,} {'box' if folded == 1 else 'boxes'} folded"
        return text


def count_ops(cards: tuple[Card, ...]) -> int:
    """How many ops `cards` stand for, those inside folded boxes included."""
    return sum(c.group.count if c.group else not c.is_leaf for c in cards)
