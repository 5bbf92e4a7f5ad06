"""The benchmark: what the firmware costs and how close to the wire it gets.

`python -m tools.bench` measures everything, `python -m tools.bench.instructions` counts
instructions, `python -m tools.bench.guard` is what `make check` runs.
"""
