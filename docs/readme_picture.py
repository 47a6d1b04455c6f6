"""Draws the picture at the top of the README: python docs/readme_picture.py"""

from pathlib import Path

import tinygrad_edu as tg


def main(folder: Path = Path(__file__).parent) -> Path:
    x = tg.tensor([0.5, -1.0, 2.0])
    w = tg.tensor([1.5, -2.0, 0.5], requires_grad=True)
    y = tg.tensor(1.0)

    loss = ((w * x).sum() - y) ** 2
    loss.backward()

    picture = tg.draw(loss, names={"x": x, "w": w, "y": y, "loss": loss}, direction="LR")
    return picture.save(folder / "readme.svg")


if __name__ == "__main__":
    print(main())
