"""How deep do the laws look? Deterministic runs, without a clock: these machines are noisy."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "district",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("district")
