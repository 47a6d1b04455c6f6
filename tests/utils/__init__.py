"""Tests of data sets, samplers and loaders."""
