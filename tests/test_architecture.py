"""Floors, cycles, what importing costs, public names and the length of files.

An import points downward, from a room to one on a lower floor; every import statement counts, also
inside functions and for type checkers. A new room gets its floor in docs/how-it-works.md.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_edu
from tests import imports
from tinygrad_edu.torch_compat import addresses

GUIDE = imports.ROOT.parent / "docs" / "how-it-works.md"
# What is no room: the face with its list of names, and `python -m tinygrad_edu`.
FACE = {"", "public", "__main__"}


def floors() -> list[list[str]]:
    """The rooms of each floor, lowest first, as docs/how-it-works.md prints them."""
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(len(rows)))
    return [re.findall(r"`(\w+)/`", rooms) for _, rooms in rows]


FLOORS = floors()
FLOOR = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}

# Files of more than 450 lines that own one thing nonetheless.
LONG = {
    "tensors.tensor": "the class itself; its functions live in ops",
    "tensors.protocols": "one handler for each NumPy function",
    "public": "one line for each public name",
    "primitives.elementwise": "one declaration for each elementwise op",
    "primitives.factorization": "one declaration for each factorization",
    "engine.fast": "the text that records and pulls back",
    "tensors.methods": "one line for each method",
    "nn.module": "one class",
    "training.trainer": "one class",
}


def name_of(module: str) -> str:
    return f"{module or 'the package face'} ({imports.modules()[module].name})"


def test_every_room_has_a_floor_and_every_floor_its_rooms() -> None:
    rooms = sorted({imports.room(m) for m in imports.modules()} - FACE)
    assert rooms == sorted(FLOOR), "the table in docs/how-it-works.md lists other rooms"
    assert len(FLOOR) == sum(map(len, FLOORS)), "a room is listed twice"


def test_the_house_stays_small() -> None:
    folders = [p for p in imports.ROOT.iterdir() if p.is_dir() and p.name != "__pycache__"]
    assert len(FLOORS) <= 14
    assert len(folders) <= 24
    files = {p.name for p in imports.ROOT.iterdir() if p.is_file()}
    assert files == {"__init__.py", "__main__.py", "public.py", "py.typed"}


@pytest.mark.parametrize("module", [m for m in imports.modules() if m not in FACE])
def test_imports_point_downward(module: str) -> None:
    here = imports.room(module)
    for other in imports.imports_of(module):
        there = imports.room(other)
        if there in ("", here):  # of the face only __version__ may be asked, see below
            continue
        assert FLOOR[there] < FLOOR[here], (
            f"{name_of(module)} on floor {FLOOR[here]} imports {other} on floor {FLOOR[there]}; "
            f"imports point downward"
        )


def test_nothing_imports_the_face_but_its_version() -> None:
    for module, path in imports.modules().items():
        for node in imports.import_statements(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom):
                continue
            depth = len(path.relative_to(imports.ROOT).parts)
            if node.level == depth and node.module is None and module:
                names = {a.name for a in node.names}
                known = {m for m in imports.modules() if "." not in m}
                assert names <= {"__version__"} | known, f"{module} imports {names} from the face"


def test_no_cycles() -> None:
    """By depth-first search over modules, those inside one room too."""
    state: dict[str, str] = {}
    for start in imports.modules():
        stack = [(start, iter(sorted(imports.imports_of(start))))]
        if start in state:
            continue
        state[start] = "open"
        while stack:
            module, rest = stack[-1]
            other = next(rest, None)
            if other is None:
                state[module] = "done"
                stack.pop()
            elif other in FACE or other not in imports.modules():
                continue
            elif state.get(other) == "open":
                path = [m for m, _ in stack]
                pytest.fail(" → ".join([*path[path.index(other) :], other]))
            elif other not in state:
                state[other] = "open"
                stack.append((other, iter(sorted(imports.imports_of(other)))))


def test_the_reader_of_imports_sees_what_it_must() -> None:
    """Functions, branches, handlers, and what only type checkers read."""
    source = (
        "if TYPE_CHECKING:\n    import a\nelse:\n    import b\n"
        "def f():\n    try:\n        import c\n    except ImportError:\n        import d\n"
        "class K:\n    def g(self):\n        with x:\n            from e import z\n"
    )
    found = {ast.unparse(n) for n in imports.import_statements(ast.parse(source))}
    assert found == {"import a", "import b", "import c", "import d", "from e import z"}


def test_what_points_up_is_listed() -> None:
    """A name that a room's face finds on a higher floor stands in one table, and is there."""
    for face, names in addresses.ABOVE.items():
        for name, place in names.items():
            home = place.partition(":")[0]
            assert home in imports.modules(), f"{face}.{name}: no module {home}"
            room = "torch_compat" if face == "top" else face
            assert FLOOR[imports.room(home)] > FLOOR[room], f"{face}.{name} points down"
            package = tinygrad_edu if face == "top" else getattr(tinygrad_edu, face)
            assert hasattr(package, name)


def test_only_package_faces_are_lazy() -> None:
    """A module-level `__getattr__` (PEP 562) is for an `__init__.py` alone."""
    for module, path in imports.modules().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        assert "__getattr__" not in names or path.name == "__init__.py", module


def loaded_by(code: str) -> set[str]:
    """The top-level modules, not Python's own, that are loaded after `code` in a fresh process."""
    text = f"import sys\n{code}\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=True,
        cwd=imports.ROOT.parent,
    )
    found = {name.split(".")[0] for name in run.stdout.split()}
    return {n for n in found if n not in sys.stdlib_module_names and not n.startswith("_")}


@pytest.mark.parametrize(
    "code",
    [
        "import tinygrad_edu",
        "import tinygrad_edu as tg; tg.tensor([1.0], requires_grad=True).exp().sum().backward()",
        "import tinygrad_edu as tg; tg.nn.Linear(2, 3)(tg.ones(4, 2)).sum().backward()",
    ],
)
def test_numpy_alone_is_imported(code: str) -> None:
    # numpy.random, a part of NumPy, brings a helper of its own.
    before = loaded_by("import numpy.random")
    assert loaded_by(code) - before == {"tinygrad_edu"}


def test_importing_loads_next_to_nothing() -> None:
    """The names of `public` and the rooms come when they are first used.

    What is listed as `tinygrad_edu.tensor` is no file: it is where old pickles look.
    """
    text = "import tinygrad_edu, sys; print(*[m for m in sys.modules if m.startswith('tinygrad')])"
    run = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=True,
        cwd=imports.ROOT.parent,
    )
    assert sorted(run.stdout.split()) == ["tinygrad_edu", "tinygrad_edu.tensor"]


# Names --------------------------------------------------------------------------------------------

SEALED = Path(__file__).parent / "reference" / "public_names.txt"


def test_public_names_are_sealed() -> None:
    """A public name comes or goes on purpose: with its line in the sealed list."""
    sealed = SEALED.read_text(encoding="utf-8").split()
    found = tinygrad_edu.__all__
    assert found == sorted(found)
    new, gone = sorted(set(found) - set(sealed)), sorted(set(sealed) - set(found))
    assert not new, f"new public names; if they are meant, add them to {SEALED.name}: {new}"
    assert not gone, f"public names are gone; if that is meant, remove them too: {gone}"


def test_the_sealed_list_is_sorted() -> None:
    sealed = SEALED.read_text(encoding="utf-8").split()
    assert sealed == sorted(set(sealed))


def test_public_lines_are_sorted() -> None:
    path = imports.ROOT / "public.py"
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if x.startswith("    from ")]
    assert len(lines) == len(set(lines))
    names = [x.split(" as ")[1].split()[0] for x in lines]
    assert len(names) == len(set(names)), "one name, two meanings"


@pytest.mark.parametrize(
    "face", [m for m, p in imports.modules().items() if p.name != "__init__.py"]
)
def test_all_lists_are_sorted_and_true(face: str) -> None:
    """`__all__` holds names that exist, in order."""
    tree = ast.parse(imports.modules()[face].read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            defined = {
                getattr(t, "id", getattr(t, "name", None)) or getattr(t, "asname", None)
                for n in ast.walk(tree)
                for t in (n, *getattr(n, "targets", []), *getattr(n, "names", []))
            }
            assert set(names) <= defined


# Files --------------------------------------------------------------------------------------------


def test_long_files_have_a_reason() -> None:
    """Above 450 lines a file probably owns two things."""
    lengths = {
        m: len(p.read_text(encoding="utf-8").splitlines()) for m, p in imports.modules().items()
    }
    long = {m: n for m, n in lengths.items() if n > 450 and m not in LONG}
    assert not long, f"split these, or say in LONG what one thing they own: {long}"


def test_no_grab_bags() -> None:
    names = {p.stem for p in imports.modules().values()}
    assert not names & {"utils", "util", "helpers", "core", "common", "misc"}


# From a name to its rule --------------------------------------------------------------------------


def assigned(module: str) -> dict[str, ast.expr]:
    """What a module assigns at its top level, by name."""
    tree = ast.parse(imports.modules()[module].read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


def test_an_editor_goes_from_a_public_name_to_its_rule() -> None:
    """`tg.tanh` is a plain assignment in ops, of what is a plain assignment in primitives."""
    text = (imports.ROOT / "public.py").read_text(encoding="utf-8")
    followed = set()
    for home, name in re.findall(r"from \.(ops\.\S+) import (\w+) as", text):
        value = assigned(home).get(name)
        if value is None or not ast.unparse(value).endswith(".record"):
            continue
        module, declared, _ = ast.unparse(value).split(".")
        places = [m for m in imports.imports_of(home) if m.startswith("primitives.")]
        [place] = [m for m in places if m.endswith(f".{module.removesuffix('_primitives')}")]
        assert ast.unparse(assigned(place)[declared]).startswith(("primitive(", "_")), name
        followed.add(name)
    assert "tanh" in followed
    assert len(followed) > 30
