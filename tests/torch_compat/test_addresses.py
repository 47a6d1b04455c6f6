"""Modules at PyTorch's addresses: loaded once, and found by Python, pickle, help and checkers."""

from __future__ import annotations

import ast
import importlib
import pickle
import pydoc
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

import tinygrad_edu as tg
from tests import imports

TOP = sorted(p.stem for p in (imports.ROOT / "torch_compat" / "top").glob("[!_]*.py"))
ROOMS = sorted({imports.room(m) for m in imports.modules()} - {"", "public", "__main__"})
# Files of the folder that put another module in their own place.
ELSEWHERE = {"func": "autograd.func", "random": "tensors.random"}


def name_of(name: str) -> str:
    return f"tinygrad_edu.{ELSEWHERE.get(name, name)}"


def answered() -> Iterator[tuple[str, str]]:
    """Each address that a module of the package answers for, and where it finds it."""
    for name, path in imports.modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "answers_for":
                module = importlib.import_module(
                    f"tinygrad_edu.{name.removeprefix(imports.TOP + '.')}"
                )
                yield from eval(ast.unparse(node.args[0]), vars(module)).items()


ANSWERED = dict(answered())


def printed(code: str) -> str:
    """What a fresh process prints."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=imports.ROOT.parent,
    )
    return run.stdout


@pytest.mark.parametrize("name", TOP)
def test_a_module_has_one_address(name: str) -> None:
    module = importlib.import_module(f"tinygrad_edu.{name}")
    assert module.__name__ == name_of(name)
    assert getattr(tg, name) is module
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(f"tinygrad_edu.torch_compat.top.{name}")


def test_each_is_found_with_nothing_imported_before() -> None:
    """As an attribute of the face and by `import`, in any order, here in that of the alphabet."""
    names = [*TOP, *ROOMS]
    for found in ("getattr(tinygrad_edu, n)", "importlib.import_module(f'tinygrad_edu.{n}')"):
        code = f"import importlib, tinygrad_edu; print(*({found}.__name__ for n in {names}))"
        assert printed(code).split() == [name_of(name) for name in names]


@pytest.mark.parametrize("address", ANSWERED)
def test_what_is_answered_for_is_there(address: str) -> None:
    module = importlib.import_module(f"tinygrad_edu.{address}")
    homes = [importlib.import_module(f"tinygrad_edu.{p}") for p in ANSWERED[address].split()]
    for home in homes:
        assert vars(home).keys() & set(dir(module)), f"{home.__name__} has nothing for {address}"
    names = [n for home in homes for n in getattr(home, "__all__", ())]
    assert all(hasattr(module, name) for name in names)


# The face, its list of names, what only `python -m` runs, an address that says what to use instead,
# and the folder `top`, which is no module.
LEFT_OUT = {m for m in imports.modules() if "__main__" in m}
LEFT_OUT |= {"", "public", "utils.tensorboard", imports.TOP}
LOADED_TWICE = """
import importlib, sys
from tests.torch_compat.test_addresses import ANSWERED, LEFT_OUT, TOP, imports

for name in [*ANSWERED, *TOP, *(m for m in imports.modules() if not m.startswith(imports.TOP))]:
    if name not in LEFT_OUT:
        importlib.import_module("tinygrad_edu." + name)
files = {}
for module in set(sys.modules.values()):
    file = vars(module).get("__file__") or ""
    if file.startswith(str(imports.ROOT)):
        files.setdefault(file, []).append(module.__name__)
print(len(files), *(names for names in files.values() if len(names) > 1))
"""


def test_no_file_is_loaded_twice() -> None:
    """A class of a module that was loaded twice would not be its own equal."""
    count, *twice = printed(LOADED_TWICE).split(maxsplit=1)
    assert not twice
    assert int(count) >= len(imports.modules()) - len(LEFT_OUT) - len(ELSEWHERE)


@pytest.mark.parametrize("name", TOP)
def test_help_and_pickle_know_it(name: str) -> None:
    module = importlib.import_module(f"tinygrad_edu.{name}")
    assert pydoc.locate(f"tinygrad_edu.{name}") is module
    assert (module.__doc__ or "").splitlines()[0] in pydoc.plain(pydoc.render_doc(module))
    for thing in vars(module).values():
        if isinstance(thing, type) and thing.__module__ == module.__name__:
            assert pickle.loads(pickle.dumps(thing)) is thing


# Checkers and editors -----------------------------------------------------------------------------

STUBS = imports.ROOT / "torch_compat" / "stubs"  # installed as tinygrad_edu-stubs
# PyTorch has modules there; `backends.cudnn` is an object whose switches a script sets.
SUBMODULES = {
    "backends/cudnn.pyi": "from typing import Any\n\ndef __getattr__(name: str) -> Any: ...\n",
    "cuda/amp.pyi": "from tinygrad_edu.torch_compat.top.amp import *\n",
}


def test_the_stubs_say_where_each_module_is() -> None:
    packages = {name.split("/")[0] for name in SUBMODULES}
    expected = {"py.typed": "partial\n", **SUBMODULES}
    for name in TOP:
        home = ELSEWHERE.get(name, f"{imports.TOP}.{name}")
        file = f"{name}/__init__.pyi" if name in packages else f"{name}.pyi"
        expected[file] = f"from tinygrad_edu.{home} import *\n"
    found = {
        p.relative_to(STUBS).as_posix(): p.read_text(encoding="utf-8")
        for p in STUBS.rglob("*.*")
        if p.is_file()
    }
    assert found == expected


def test_the_face_shows_checkers_every_module() -> None:
    tree = ast.parse((imports.ROOT / "__init__.py").read_text(encoding="utf-8"))
    [block] = [n for n in tree.body if isinstance(n, ast.If) and "import" in ast.unparse(n)]
    shown = {a.asname for n in ast.walk(block) if isinstance(n, ast.ImportFrom) for a in n.names}
    assert shown - {None} == {*TOP, *ROOMS}


def test_every_line_of_public_is_read() -> None:
    """The face reads it with a regular expression, which passes over what it does not know."""
    tree = ast.parse((imports.ROOT / "public.py").read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    names = [
        a.asname for node in block.body if isinstance(node, ast.ImportFrom) for a in node.names
    ]
    assert len(names) == len(block.body)
    assert sorted(map(str, names)) == tg.__all__


PAGE = """
import tinygrad_edu as tg
import tinygrad_edu.backends.cudnn as cudnn
import tinygrad_edu.cuda
from tinygrad_edu import nn
from tinygrad_edu.cuda.amp import autocast
from tinygrad_edu.linalg import svd

cudnn.benchmark = True
answer: bool = tg.cuda.is_available() or tinygrad_edu.cuda.is_available()
layer: nn.Linear = tg.nn.Linear(2, 3)
reveal_type(tg.linalg.svd)
reveal_type(svd)
reveal_type(tg.viz)
reveal_type(autocast)
tg.tanhh
tg.cuda.is_availablee
"""


def test_a_checker_follows_the_addresses(tmp_path: Path) -> None:
    """In an environment that the package is installed in, as mypy looks for it there."""
    pytest.importorskip("mypy")
    venv.create(tmp_path / "venv", symlinks=sys.platform != "win32")
    [site] = (tmp_path / "venv").rglob("site-packages")
    here = [str(imports.ROOT.parent), sysconfig.get_paths()["purelib"]]
    shutil.copytree(STUBS, site / f"{imports.PACKAGE}-stubs")
    (site / "here.pth").write_text("\n".join(here), encoding="utf-8")
    (tmp_path / "page.py").write_text(PAGE, encoding="utf-8")
    scripts = "Scripts" if sys.platform == "win32" else "bin"
    python = tmp_path / "venv" / scripts / Path(sys.executable).name
    options = ["--strict", "--python-executable", str(python), "--config-file", "", "page.py"]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    said = run.stdout.splitlines()
    errors = [line for line in said if ": error: " in line]
    assert len(errors) == 2, run.stdout + run.stderr
    assert '"tanhh"' in errors[0]
    assert '"is_availablee"' in errors[1]
    notes = [line.split('"')[1] for line in said if "Revealed type" in line]
    assert notes[0] == notes[1]
    assert "Tensor" in notes[0]
    assert notes[2] == "types.ModuleType"
    assert notes[3].endswith("-> tinygrad_edu.torch_compat.top.amp.autocast")
