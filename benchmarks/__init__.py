"""How fast, how good, beside whom? Measured in one run; `python -m benchmarks.run` writes it."""
