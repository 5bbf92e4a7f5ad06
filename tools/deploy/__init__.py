"""Sixlink onto a board, with mpremote: `python -m tools.deploy --help`."""
