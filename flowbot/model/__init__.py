"""What passes between the rooms: frozen, slotted dataclasses, and nothing that does anything."""
