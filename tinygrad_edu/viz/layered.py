"""A layered layout (Sugiyama, Tagawa and Toda 1981) with boxes, for pictures without Graphviz.

Each box is laid out on its own, innermost first, and is then one large element of the level around
it. An edge that crosses a border leaves through a port, so lines run around cards and not through
them. Within a level: ranks by longest path, order by barycentre, positions by isotonic regression.
Everything is iterative, and ties break by order of appearance.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field

from tinygrad_edu.viz.model import View

LIMIT = 400  # cards
GAP = 26.0  # between neighbours
RANK_GAP = 40.0  # between ranks, where edges and their labels run
PADDING = 14.0  # inside a box
TITLE = 20.0  # a box's heading
SWEEPS = 12

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Top left corner and size, y pointing down."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything goes: cards and boxes by id, edges by their place in the view.

    Without `labels` an edge is a list of points that it runs through; with them it is a Bezier
    curve's control points and then the tip of its arrow, and its label's middle is in `labels`.
    """

    cards: dict[int, Rectangle]
    boxes: dict[int, Rectangle]
    edges: dict[int, tuple[Point, ...]]
    width: float
    height: float
    labels: dict[int, Point] | None = None


@dataclass(slots=True)
class _Element:
    """A card, a box or a bend of an edge within one level."""

    width: float
    height: float
    kind: str  # "card", "box", "bend", "in", "out"
    ident: int
    rank: int = 0
    x: float = 0.0  # centre
    y: float = 0.0  # top
    order: int = 0
    up: list[tuple[int, float, float]] = field(default_factory=list)
    down: list[tuple[int, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Level:
    """The layout of one box's inside; `ports` are the x of crossing edges on its border."""

    elements: list[_Element]
    at: dict[tuple[str, int], int]
    routes: dict[int, list[int]]
    offsets: dict[int, tuple[float, float]]
    width: float = 0.0
    height: float = 0.0


def layered_layout(
    view: View, sizes: Mapping[int, tuple[float, float]], titles: Mapping[int, float]
) -> Layout:
    """Places for the cards, boxes and edges of a folded view, top to bottom.

    Parameters
    ----------
    view
        At most 400 cards.
    sizes
        Width and height of each card.
    titles
        The least width of each box, which its heading needs.

    Raises
    ------
    ValueError
        The view has more than 400 cards.
    """
    if len(view.cards) > LIMIT:
        raise ValueError(
            f"The built-in layout takes at most {LIMIT} cards, and this view has "
            f"{len(view.cards)}; fold it first."
        )
    parent = {b.id: b.parent for b in view.boxes}
    home = {c.id: c.box if c.box in parent else -1 for c in view.cards}
    chains: dict[int, list[int]] = {-1: [-1]}
    for b in sorted(parent):
        above = parent[b] if parent[b] in parent else -1
        chains[b] = [*chains[above], b]
    ends = {
        i: (chains[home[e.source]], chains[home[e.target]])
        for i, e in enumerate(view.edges)
        if e.source in home and e.target in home and e.source != e.target
    }
    crossing: dict[int, list[int]] = {b: [] for b in chains}
    for i, (one, other) in ends.items():
        for b in dict.fromkeys([*one, *other]):
            crossing[b].append(i)
    levels: dict[int, _Level] = {}
    for b in sorted(chains, reverse=True):
        levels[b] = _lay_out(view, b, chains, home, ends, crossing[b], sizes, levels)
        levels[b].width = max(levels[b].width, titles.get(b, 0.0))
    return _assemble(view, chains, ends, levels)


def _child_on(chain: list[int], level: int) -> int | None:
    """The box of `chain` directly inside `level`, or None if `level` is its innermost."""
    at = chain.index(level) + 1
    return chain[at] if at < len(chain) else None


def _lay_out(
    view: View,
    level: int,
    chains: dict[int, list[int]],
    home: dict[int, int],
    ends: dict[int, tuple[list[int], list[int]]],
    edges: list[int],
    sizes: Mapping[int, tuple[float, float]],
    done: dict[int, _Level],
) -> _Level:
    elements: list[_Element] = []
    at: dict[tuple[str, int], int] = {}

    def add(element: _Element) -> int:
        at[element.kind, element.ident] = len(elements)
        elements.append(element)
        return len(elements) - 1

    for c in view.cards:
        chain = chains[home[c.id]]
        if level not in chain:
            continue
        inner = _child_on(chain, level)
        if inner is None:
            add(_Element(*sizes[c.id], "card", c.id))
        elif ("box", inner) not in at:
            size = done[inner]
            add(_Element(size.width, size.height, "box", inner))
    links: dict[int, tuple[int, int]] = {}
    offsets: dict[int, tuple[float, float]] = {}
    for i in edges:
        e = view.edges[i]
        found = []
        for chain, ident, port in ((ends[i][0], e.source, "in"), (ends[i][1], e.target, "out")):
            if level not in chain:
                found.append((add(_Element(2.0, 0.0, port, i)), 0.0))
                continue
            inner = _child_on(chain, level)
            if inner is None:
                found.append((at["card", ident], 0.0))
            else:
                inside = done[inner]
                kind = "out" if port == "in" else "in"
                x = 0.0
                if (kind, i) in inside.at:  # absent for an edge that stays within the child
                    x = inside.elements[inside.at[kind, i]].x - inside.width / 2
                found.append((at["box", inner], x))
        (tail, tail_x), (head, head_x) = found
        if tail != head:
            links[i] = (tail, head)
            offsets[i] = (tail_x, head_x)
    _spread(elements, links, offsets)
    _rank(elements, links)
    made = _Level(elements, at, {}, offsets)
    _bend(made, links)
    ranks = _order(elements)
    _place(elements, ranks)
    pad = PADDING if level != -1 else 0.0
    top = pad + (TITLE if level != -1 else 0.0)
    _stack(made, ranks, pad, top)
    return made


def _spread(
    elements: list[_Element],
    links: dict[int, tuple[int, int]],
    offsets: dict[int, tuple[float, float]],
) -> None:
    """Give several edges at one side of a card their own points, in argument order."""
    for side in (0, 1):
        groups: dict[int, list[int]] = {}
        for i, pair in links.items():
            if elements[pair[side]].kind == "card":
                groups.setdefault(pair[side], []).append(i)
        for card, members in groups.items():
            step = min(44.0, elements[card].width * 0.7 / len(members))
            for n, i in enumerate(members):
                shift = (n - (len(members) - 1) / 2) * step
                both = list(offsets[i])
                both[side] = shift
                offsets[i] = (both[0], both[1])


def _rank(elements: list[_Element], links: dict[int, tuple[int, int]]) -> None:
    """Longest path from the top, then sources drawn down to what they feed."""
    after: dict[int, list[int]] = {n: [] for n in range(len(elements))}
    waiting = dict.fromkeys(range(len(elements)), 0)
    for tail, head in links.values():
        after[tail].append(head)
        waiting[head] += 1
    floor = 1 if any(el.kind == "in" for el in elements) else 0
    for el in elements:
        el.rank = 0 if el.kind == "in" else floor
    ready = [n for n in waiting if waiting[n] == 0]
    order: list[int] = []
    left = set(waiting)
    while left:
        if not ready:  # a cycle between folded boxes: cut it at its oldest element
            ready = [min(left)]
        n = ready.pop()
        if n not in left:
            continue
        left.discard(n)
        order.append(n)
        for head in after[n]:
            if head in left:
                elements[head].rank = max(elements[head].rank, elements[n].rank + 1)
                waiting[head] -= 1
                if waiting[head] == 0:
                    ready.append(head)
    inputs = {head for _, head in links.values()}
    for n in reversed(order):
        heads = [elements[h].rank for h in after[n] if elements[h].rank > elements[n].rank]
        if heads and n not in inputs and elements[n].kind != "in":
            elements[n].rank = min(heads) - 1
    last = max((el.rank for el in elements if el.kind != "out"), default=0) + 1
    for el in elements:
        if el.kind == "out":
            el.rank = last


def _bend(level: _Level, links: dict[int, tuple[int, int]]) -> None:
    """Cut edges that span several ranks into pieces, and link neighbours with their offsets."""
    elements = level.elements
    for i, (tail, head) in links.items():
        first, last = (tail, head) if elements[tail].rank < elements[head].rank else (head, tail)
        path = [first]
        for rank in range(elements[first].rank + 1, elements[last].rank):
            elements.append(_Element(6.0, 0.0, "bend", i, rank=rank))
            path.append(len(elements) - 1)
        path.append(last)
        start, end = level.offsets[i] if first == tail else level.offsets[i][::-1]
        for n, (a, b) in enumerate(itertools.pairwise(path)):
            da = start if n == 0 else 0.0
            db = end if n == len(path) - 2 else 0.0
            elements[a].down.append((b, da, db))
            elements[b].up.append((a, db, da))
        level.routes[i] = path if first == tail else path[::-1]


def _order(elements: list[_Element]) -> list[list[int]]:
    """Order within each rank: barycentre sweeps, keeping the order with the fewest crossings."""
    ranks: list[list[int]] = [[] for _ in range(max((e.rank for e in elements), default=-1) + 1)]
    # Depth first from the ends keeps what belongs together side by side from the start.
    seen: set[int] = set()
    for root in sorted(range(len(elements)), key=lambda n: (-elements[n].rank, n)):
        stack = [root]
        while stack:
            n = stack.pop()
            if n in seen:
                continue
            seen.add(n)
            ranks[elements[n].rank].append(n)
            stack.extend(m for m, _, _ in sorted(elements[n].up, key=lambda u: -u[1]))
    _number(elements, ranks)
    best, fewest = [list(r) for r in ranks], _crossings(elements, ranks)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        downward = sweep % 2 == 0
        for rank in ranks if downward else reversed(ranks):
            keys = {}
            for n in rank:
                beside = elements[n].up if downward else elements[n].down
                spots = [elements[m].order + far / 1000 for m, _, far in beside]
                keys[n] = sum(spots) / len(spots) if spots else float(elements[n].order)
            rank.sort(key=lambda n: (keys[n], elements[n].order))
            for place, n in enumerate(rank):
                elements[n].order = place
        found = _crossings(elements, ranks)
        if found < fewest:
            best, fewest = [list(r) for r in ranks], found
    _number(elements, best)
    return best


def _number(elements: list[_Element], ranks: list[list[int]]) -> None:
    for rank in ranks:
        for place, n in enumerate(rank):
            elements[n].order = place


def _crossings(elements: list[_Element], ranks: list[list[int]]) -> int:
    total = 0
    for rank in ranks:
        passed: list[float] = []
        for n in rank:
            heads = sorted((d, elements[m].order + e / 10_000) for m, d, e in elements[n].down)
            for _, spot in heads:
                total += len(passed) - bisect_left(passed, spot + 1e-9)
            for _, spot in heads:
                insort(passed, spot)
    return total


def _place(elements: list[_Element], ranks: list[list[int]]) -> None:
    """Positions across: each element as near as its order allows to the mean of its neighbours."""
    for rank in ranks:
        x = 0.0
        for n in rank:
            elements[n].x = x + elements[n].width / 2
            x += elements[n].width + GAP
    for sweep in range(2 * SWEEPS):
        downward = sweep % 2 == 0
        for rank in ranks if downward else reversed(ranks):
            wishes, weights = [], []
            for n in rank:
                el = elements[n]
                beside = el.up if downward else el.down
                if sweep >= SWEEPS and el.up and el.down:
                    beside = el.up + el.down
                pulls = [
                    (
                        elements[m].x + far - near,
                        8.0 if elements[m].kind == el.kind == "bend" else 1.0,
                    )
                    for m, near, far in beside
                ]
                weight = sum(w for _, w in pulls)
                wishes.append(sum(p * w for p, w in pulls) / weight if pulls else el.x)
                weights.append(weight if pulls else 0.05)
            for n, x in zip(rank, _separate([elements[n].width for n in rank], wishes, weights)):
                elements[n].x = x


def _separate(widths: list[float], wishes: list[float], weights: list[float]) -> list[float]:
    """The centres nearest to `wishes` (weighted least squares) that keep order and gaps.

    Pool adjacent violators (Ayer et al. 1955) on the wishes less each element's least offset.
    """
    offset = [0.0]
    for left, right in itertools.pairwise(widths):
        offset.append(offset[-1] + left / 2 + GAP + right / 2)
    pools: list[list[float]] = []  # [mean, weight, count]
    for wish, weight, off in zip(wishes, weights, offset):
        pools.append([wish - off, weight, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, w, count = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * w) / (last[1] + w)
            last[1] += w
            last[2] += count
    flat = [mean for mean, _, count in pools for _ in range(int(count))]
    return [base + off for base, off in zip(flat, offset)]


def _stack(level: _Level, ranks: list[list[int]], pad: float, top: float) -> None:
    """Heights of the ranks, and everything moved to start at the padding."""
    elements = level.elements
    y = top
    for number, rank in enumerate(ranks):
        tall = max((elements[n].height for n in rank), default=0.0)
        ports = all(elements[n].kind == "in" for n in rank)
        for n in rank:
            el = elements[n]
            # Leaves sit low in their rank, near what they feed.
            el.y = y + (tall - el.height if not el.up else (tall - el.height) / 2)
        y += tall
        if number < len(ranks) - 1:
            after = all(elements[n].kind == "out" for n in ranks[number + 1])
            y += RANK_GAP / 3 if ports or after else RANK_GAP
    solid = elements or [_Element(0.0, 0.0, "bend", -1)]
    left = min(el.x - el.width / 2 for el in solid)
    right = max(el.x + el.width / 2 for el in solid)
    for el in elements:
        el.x += pad - left
        if el.kind == "in":
            el.y = 0.0
    level.width = right - left + 2 * pad
    level.height = y + pad
    for el in elements:
        if el.kind == "out":
            el.y = level.height


def _assemble(
    view: View,
    chains: dict[int, list[int]],
    ends: dict[int, tuple[list[int], list[int]]],
    levels: dict[int, _Level],
) -> Layout:
    corner: dict[int, Point] = {-1: (0.0, 0.0)}
    cards: dict[int, Rectangle] = {}
    boxes: dict[int, Rectangle] = {}
    for b in sorted(chains):
        x0, y0 = corner[b]
        for el in levels[b].elements:
            x, y = x0 + el.x - el.width / 2, y0 + el.y
            if el.kind == "card":
                cards[el.ident] = Rectangle(x, y, el.width, el.height)
            elif el.kind == "box":
                corner[el.ident] = (x, y)
                boxes[el.ident] = Rectangle(x, y, el.width, el.height)
    paths: dict[int, tuple[Point, ...]] = {}
    for i, (one, other) in ends.items():
        shared = [b for b in one if b in other]
        sequence = one[: len(shared) - 1 : -1] + [shared[-1]] + other[len(shared) :]
        points: list[Point] = []
        for b in sequence:
            points.extend(_route(levels[b], i, corner[b]))
        paths[i] = tuple(_without_repeats(points))
    return Layout(cards, boxes, paths, levels[-1].width, levels[-1].height)


def _route(level: _Level, edge: int, corner: Point) -> list[Point]:
    route = level.routes.get(edge)
    if route is None:
        return []
    x0, y0 = corner
    tail_x, head_x = level.offsets[edge]
    elements = level.elements
    down = elements[route[0]].rank < elements[route[-1]].rank
    out: list[Point] = []
    for place, n in enumerate(route):
        el = elements[n]
        if place == 0:
            out.append((x0 + el.x + tail_x, y0 + el.y + (el.height if down else 0.0)))
        elif place == len(route) - 1:
            out.append((x0 + el.x + head_x, y0 + el.y + (0.0 if down else el.height)))
        else:
            out.append((x0 + el.x, y0 + el.y))
    return out


def _without_repeats(points: list[Point]) -> list[Point]:
    out: list[Point] = []
    for p in points:
        if not out or abs(p[0] - out[-1][0]) > 0.01 or abs(p[1] - out[-1][1]) > 0.01:
            out.append(p)
    return out
