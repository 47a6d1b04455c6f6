"""A view as SVG, PNG, GIF, DOT, Mermaid, JSON and text; the page has a folder of its own."""
