"""Who imports whom in the package, read from the source: nothing is run."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import tinygrad_edu

ROOT = Path(tinygrad_edu.__file__).parent
PACKAGE = ROOT.name
# Modules found at the package's own address, though their files are in a folder of a room.
TOP = "torch_compat.top"


def module_name(path: Path) -> str:
    """`ops.linalg` for `ops/linalg.py`, `nn` for `nn/__init__.py`, and "" for the package's own."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of the package with its file."""
    return {module_name(p): p for p in sorted(ROOT.rglob("*.py"))}


def import_statements(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import statement, at any depth, those for type checkers too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


@functools.cache
def imports_of(module: str) -> frozenset[str]:
    """The modules of the package that a module imports, at its head, inside a function or for type
    checkers.

    Not counted is the name `Tensor` in annotations: it is what everything here is about, and what
    the floors below its own return without knowing how it is made.
    """
    path = modules()[module]
    package = path.relative_to(ROOT).parts[:-1]
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    annotations = {
        id(statement)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for part in node.body
        for statement in ast.walk(part)
    }
    for node in import_statements(tree):
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] == PACKAGE]
            found |= {at_home(n.removeprefix(PACKAGE).lstrip(".")) for n in names}
            continue
        if node.level:
            base = package[: len(package) - node.level + 1]
            stem = ".".join([*base, *([node.module] if node.module else [])])
        elif (node.module or "").split(".")[0] == PACKAGE:
            stem = (node.module or "").removeprefix(PACKAGE).lstrip(".")
        else:
            continue
        for alias in node.names:
            if alias.name == "Tensor" and id(node) in annotations:
                continue
            inner = at_home(f"{stem}.{alias.name}".lstrip("."))
            found.add(inner if inner in modules() else at_home(stem))
    return frozenset(found - {module})


def at_home(name: str) -> str:
    """Where the file of a module lies: `torch_compat.top.cuda` for `cuda`."""
    first = name.split(".")[0]
    return f"{TOP}.{name}" if f"{TOP}.{first}" in modules() else name


def room(module: str) -> str:
    """The first part of a module's name: `ops` for `ops.linalg`."""
    return module.split(".")[0]
