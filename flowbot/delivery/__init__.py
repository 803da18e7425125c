"""At-least-once HTTP out: clients that try once, the address guard, signatures, and the pure decision to try again."""
