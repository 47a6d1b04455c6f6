"""Mistakes, planted: wrong derivative rules made from right ones, and the check that finds them."""
