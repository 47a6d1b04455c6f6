"""Who imports whom in the package, read from the source: nothing is run."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import tinygrad_edu

ROOT = Path(tinygrad_edu.__file__).parent
PACKAGE = ROOT.name


def module_name(path: Path) -> str:
    """`ops.linalg` for `ops/linalg.py`, `nn` for `nn/__init__.py`, and "" for the package's own."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of the package with its file."""
    return {module_name(p): p for p in sorted(ROOT.rglob("*.py"))}


def _skips_at_runtime(node: ast.If) -> bool:
    return "TYPE_CHECKING" in ast.unparse(node.test)


def _imports(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements at any depth, but for those that only type checkers see."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and _skips_at_runtime(node):
            yield from _imports(node.orelse)
        else:
            for name in ("body", "orelse", "finalbody"):
                yield from _imports(getattr(node, name, []))
            for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
                yield from _imports(part.body)


@functools.cache
def imports_of(module: str) -> frozenset[str]:
    """The modules of the package that a module imports, at its head or inside a function."""
    path = modules()[module]
    package = path.relative_to(ROOT).parts[:-1]
    found = set()
    for node in _imports(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] == PACKAGE]
            found |= {n.removeprefix(PACKAGE).lstrip(".") for n in names}
            continue
        if node.level:
            base = package[: len(package) - node.level + 1]
            stem = ".".join([*base, *([node.module] if node.module else [])])
        elif (node.module or "").split(".")[0] == PACKAGE:
            stem = (node.module or "").removeprefix(PACKAGE).lstrip(".")
        else:
            continue
        for alias in node.names:
            inner = f"{stem}.{alias.name}".lstrip(".")
            found.add(inner if inner in modules() else stem)
    return frozenset(found - {module})


def room(module: str) -> str:
    """The first part of a module's name: `ops` for `ops.linalg`."""
    return module.split(".")[0]
