"""What a card, a box, an edge and a step say: the same words in every format."""

from __future__ import annotations

from .formatting import clean, count_text, dtype_text, shape_text, shorten
from .model import HIDDEN, Box, Card, Edge, Step, View

VALUE_WIDTH = 64
LOUD = 2.0  # an annotation with a thinner border is a note, not an alarm


def heading(card: Card) -> str:
    """The bold line: the user's name or the op, and how often for a row of equal boxes."""
    return clean(card.title) or "(no name)"


def kind_word(card: Card) -> str:
    """`parameter`, `op`, `module`, `folded function`, ...: the word beside the colour."""
    if card.copy_of is not None:
        return f"{card.role}, again"
    if card.group is None:
        return card.role
    word = {"composed": "function", "order": "gradient graph"}.get(card.group.kind)
    return f"folded {word or card.group.kind}"


def type_text(card: Card) -> str:
    """`(4, 2) f32`."""
    return f"{shape_text(card.shape)} {dtype_text(card.dtype)}".rstrip()


def badges(card: Card) -> list[str]:
    """`bwd 5`, `order 1`: small words at the end of the heading."""
    out = []
    if card.backward_step is not None:
        out.append(f"bwd {card.backward_step + 1}")
    if card.order:
        out.append(f"order {card.order}")
    return out


def rows(card: Card) -> list[tuple[str, str]]:
    """The body of a card as label and text, top to bottom."""
    if card.copy_of is not None:
        return []
    out: list[tuple[str, str]] = []
    if card.group is not None:
        group = card.group
        if card.group.label and card.group.label != card.name and group.repeat == 1:
            out.append(("is", shorten(group.label, VALUE_WIDTH)))
        if group.count:
            words = shorten(", ".join(group.ops), VALUE_WIDTH)
            each = " each" if group.repeat > 1 else ""
            count = group.count // group.repeat if group.repeat > 1 else group.count
            out.append((f"{count_text(count, 'op')}{each}", words))
        if group.parameters:
            out.append(("holds", count_text(group.parameters, "parameter")))
        if group.closed_form:
            out.append(("rule", shorten(group.closed_form, VALUE_WIDTH)))
    if card.name and not card.is_leaf and card.group is None:
        out.append(("op", shorten(card.op, VALUE_WIDTH)))
    if card.meaning and card.group is None:
        out.append(("is", shorten(card.meaning, VALUE_WIDTH)))
    if card.kwargs:
        out.append(("with", shorten(card.kwargs, VALUE_WIDTH)))
    value_label = "out" if card.group is not None else "val"
    if card.value.reason != HIDDEN:
        # A matrix may come row by row.
        lines = card.value.text.split("\n") if card.value.known else [card.value.shown]
        labels = [value_label] + [""] * (len(lines) - 1)
        out += [(label, shorten(line, VALUE_WIDTH)) for label, line in zip(labels, lines)]
    # "not asked for" on every input and constant is noise; the dashed edge says it already.
    if card.grad.known or (card.needs_grad and card.grad.reason != HIDDEN):
        out.append(("grad", shorten(card.grad.shown, VALUE_WIDTH)))
    if card.saved:
        out.append(("saved", shorten(card.saved, VALUE_WIDTH)))
    if card.cost:
        out.append(("cost", shorten(card.cost, VALUE_WIDTH)))
    quiet = dict.fromkeys(a.label for a in card.annotations if a.label and a.width < LOUD)
    out += [("note", shorten(label, VALUE_WIDTH)) for label in quiet]
    return out


def marks(card: Card) -> list[str]:
    """What stands on a coloured band: health tags and the labels of loud annotations."""
    words = [*card.tags, *(a.label for a in card.annotations if a.label and a.width >= LOUD)]
    return [shorten(w, VALUE_WIDTH) for w in dict.fromkeys(words)]


def mark_color(card: Card) -> str:
    """The colour of an alarm's band: the last loud annotation's; empty for a tag of health."""
    loud = [a.color for a in card.annotations if a.label and a.width >= LOUD]
    return loud[-1] if loud else ""


def describe(card: Card) -> str:
    """The card as a sentence, for titles and screen readers."""
    parts = [f"{shorten(heading(card), 120)}: {kind_word(card)}, {type_text(card)}"]
    if card.copy_of is not None:
        return parts[0] + "."
    parts += [f"{label} {text}" for label, text in rows(card)]
    parts += badges(card) + marks(card)
    return "; ".join(parts) + "."


def edge_label(edge: Edge, only_input: bool) -> str:
    """`a (4, 2)`, `b (2,)->(4, 2)`, `3 uses`; a sole input's name goes without saying."""
    if edge.count > 1:
        return f"{edge.count} uses"
    words = [] if only_input or not edge.argument else [shorten(edge.argument, 24)]
    if edge.note or edge.shape:  # a single number has no shape to speak of
        words.append(edge.note or shape_text(edge.shape))
    return " ".join(words)


def box_label(box: Box) -> tuple[str, str]:
    """A box's name and the rest of its label: what it is, how many parameters."""
    name = shorten(box.name, 48) or "(no name)"
    rest = []
    if box.label and box.label not in (box.name, box.name.split(" ")[0]):
        rest.append(shorten(box.label, 48))
    if box.call:
        rest.append(f"call {box.call + 1}")
    if box.parameters:
        rest.append(count_text(box.parameters, "parameter"))
    return name, ", ".join(rest)


def step_lines(step: Step, names: dict[int, str], total: int) -> list[tuple[str, str]]:
    """A step as numbered lines: what the stepper prints in the terminal, the page and the GIF.

    Parameters
    ----------
    step
        The step.
    names
        What each card is called, by id.
    total
        The number of steps of its kind.
    """
    name = names.get(step.card, f"#{step.card}")
    if step.kind == "forward":
        out = [("forward", f"step {step.index + 1} of {total}: {name} {shape_text(step.shape)}")]
        out += [("formula", line) for line in step.rule]
        out += [("numbers", line) for line in step.numbers]
        if step.result:
            out.append(("result", step.result))
    else:
        out = [("backward", f"step {step.index + 1} of {total}: {name} {shape_text(step.shape)}")]
        out.append(("1 cotangent", f"g = {step.cotangent}"))
        out += [("2 rule", line) for line in step.rule]
        out += [("3 numbers", line) for line in step.numbers]
        for c in step.contributions:
            target = names.get(c.to, f"#{c.to}")
            out.append(("4 contribution", f"to {target}, argument {c.argument}: {c.value}"))
            if c.stored == "stored":
                out.append(("5 stored", f"{target}.grad = {c.value}"))
            else:
                out.append(("5 added", f"{target}.grad = {c.old} + {c.value} = {c.total}"))
            if c.unbroadcast:
                out.append(("6 broadcast", c.unbroadcast))
    if step.check:
        out.append(("check", step.check))
    return [(label, clean(text)) for label, text in out]


def card_names(view: View) -> dict[int, str]:
    """What each card is called in running text: its name, or `matmul #9`."""
    return {c.id: shorten(c.name, 40) if c.name else f"{c.op} #{c.id}" for c in view.cards}
