"""Imported before every test module: makes MXNet importable."""
import d2l_bn  # noqa: F401
