"""The house's colours, and materials by name. Each is made anew in its scene, hence the `partial`s."""
from functools import partial

import clay

SAND, SEA, MILK, CHALK, UMBER = "#cfc0a6", "#647f80", "#e9e3d8", "#e0d9cc", "#76604f"
CELADON, INK, CLAY, OAT, SLATE = "#a9ab9c", "#2d333a", "#935a45", "#cbb998", "#666b6b"
OCHRE, MOSS, LINEN = "#b48a4e", "#74755c", "#ded6c6"

sand = partial(clay.glaze, SAND)
sea = partial(clay.glaze, SEA, gloss=0.75)
milk = partial(clay.glaze, MILK)
celadon = partial(clay.glaze, CELADON, gloss=0.9, speckle=0.2)
ink = partial(clay.glaze, INK)
rust = partial(clay.glaze, CLAY, gloss=0.7, speckle=0.3)
oat = partial(clay.glaze, OAT)
slate = partial(clay.glaze, SLATE)
ochre = partial(clay.glaze, OCHRE)
chalk = partial(clay.bisque, CHALK)
umber = partial(clay.bisque, UMBER)


def all_over(colour, gloss=0.7, speckle=0.0):
    """Glaze without a bare foot."""
    return partial(clay.glaze, colour, gloss=gloss, speckle=speckle, foot=0, rim=1.2)
