"""Kill tests: real processes over a real store, a provider that misbehaves by a seed, and what must hold after."""
