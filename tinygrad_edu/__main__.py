"""`python -m tinygrad_edu` is `tinygrad-edu`."""

from .cli import main

if __name__ == "__main__":
    main()
