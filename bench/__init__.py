"""Measurements of the promises in docs/performance.md: each module has `measure()`, `make bench` runs them all."""
