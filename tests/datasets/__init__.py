"""Tests of the data sets and of the files they are read from."""
