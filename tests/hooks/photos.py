"""Photos made on the spot."""

import io
import random

from PIL import Image


def photo(width=400, height=320, *, sharp=True, seed=1):
    """A JPEG of noise, or of one colour."""
    data = random.Random(seed).randbytes(width * height) if sharp else bytes([128]) * (width * height)
    out = io.BytesIO()
    Image.frombytes("L", (width, height), data).save(out, "JPEG", quality=80)
    return out.getvalue()
