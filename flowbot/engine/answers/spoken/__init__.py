"""What people write when they mean a number, an amount, a day or a time of day, in their own language."""
