"""The table that a run ends with."""

from __future__ import annotations

import math
import sys

from ..systems import Outcome

__all__ = ["COLUMNS", "cells", "print_outcomes"]

COLUMNS = ("system", "parameters", "epochs", "loss", "accuracy", "seconds", "seed")


def cells(outcome: Outcome) -> tuple[str, ...]:
    """One row of the table, as text."""
    accuracy = "–" if math.isnan(outcome.accuracy) else f"{100 * outcome.accuracy:.2f} %"
    return (
        f"{outcome.name} {outcome.recipe.shape}",
        f"{outcome.parameters:,}",
        f"{outcome.epochs:,}",
        f"{outcome.loss:.4g}",
        f"{accuracy}{' (subset)' if outcome.is_subset else ''}",
        f"{outcome.seconds:.1f}",
        str(outcome.seed),
    )


def print_outcomes(outcomes: list[Outcome]) -> None:
    """Print the table and what there is to say about it, with Rich if that is installed."""
    rows = [cells(outcome) for outcome in outcomes]
    print()
    if sys.stdout.isatty():
        try:
            _print_rich(rows)
        except ModuleNotFoundError:
            _print_plain(rows)
    else:
        _print_plain(rows)
    for outcome in outcomes:
        for note in outcome.notes:
            print(f"{outcome.name}: {note}")
        for goal, is_reached in outcome.reached:
            if not is_reached:
                print(f"{outcome.name}: not reached: {goal}")
        for when, report in outcome.checks:
            print(f"{outcome.name}: gradients {when}: {report.verdict}")


def _print_rich(rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for i, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if i else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _print_plain(rows: list[tuple[str, ...]]) -> None:
    table = [COLUMNS, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(COLUMNS))]
    for row in table:
        first, *others = (
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        )
        print("  ".join([first, *others]).rstrip())
