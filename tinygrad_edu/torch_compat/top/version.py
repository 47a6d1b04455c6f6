"""PyTorch's `torch.version`: which release this is, and that no GPU library is in it."""

from __future__ import annotations

from tinygrad_edu import __version__ as __version__

__all__ = ["__version__", "cuda", "debug", "git_version", "hip", "xpu"]

debug = False
cuda: str | None = None
hip: str | None = None
xpu: str | None = None
git_version: str | None = None
