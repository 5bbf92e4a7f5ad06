"""Fuzzing: bytes decide everything that happens to the firmware, or to the virtual modem.

A target is a module with `run(data)`, which raises when something that must hold does not. The
same targets run under `make fuzz`, guided by coverage, and over the kept corpus in the tests.
"""
