"""Records the losses that PyTorch gives for the examples that are written in its names.

    python -m tests.reference.record_example_losses

runs each file of `SETTINGS` with `torch` imported instead of this package, and writes
`example_losses.json` beside this file: the first losses of each, from its seed. Needs PyTorch.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import types
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"
FILE = Path(__file__).with_name("example_losses.json")
# Further on, float32's last digits, which differ with the order of sums, grow visible: the GAN's
# losses, equal in float64 throughout, part by 1e-4 after 40.
KEPT = 30

# Quick settings, with which each example takes seconds.
SETTINGS: dict[str, dict[str, Any]] = {
    "06_makemore": {"steps": 60, "names": 3},
    "07_gpt": {"steps": 12, "batch": 4, "width": 32},
    "08_cnn_digits": {"epochs": 3},
    "09_lstm": {"steps": 16, "hidden": 32},
    "10_vae": {"epochs": 3},
    "11_gan": {"epochs": 3},
}


def losses(name: str, library: str) -> list[float]:
    """The losses of an example's `main`, run with `library` for its imports, and its printing."""
    source = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    if library != "tinygrad_edu":
        source = source.replace("import tinygrad_edu as torch", f"import {library} as torch")
        source = re.sub(r"\btinygrad_edu\.(\w+)", rf"{library}.\1", source)
    module = types.ModuleType(name)
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    with contextlib.redirect_stdout(io.StringIO()):
        return list(module.main(**SETTINGS[name]))


def main() -> None:
    """Write the file."""
    import torch

    torch.set_num_threads(1)
    found = {name: [float(f"{x:.9g}") for x in losses(name, "torch")[:KEPT]] for name in SETTINGS}
    rows = ",\n".join(f' "{name}": {json.dumps(values)}' for name, values in found.items())
    FILE.write_text(f'{{"torch": "{torch.__version__}",\n{rows}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
