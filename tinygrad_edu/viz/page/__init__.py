"""What the self-contained HTML page is made of, and `build`, which puts it together."""
