"""Tests of optimisers and schedulers."""
