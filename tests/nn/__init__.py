"""Tests of layers, against PyTorch where it is installed."""
