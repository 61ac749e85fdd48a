"""Stool, chair, side table, shelf."""
import math

from mathutils import Vector

import clay
import vessels
from wheel import grid, plank, rod, soft, spline, sweep, turn


def timber(kind):
    return lambda axis: clay.wood(kind, axis)


def tre(kind):
    seat = [(0, 1.98), (0.78, 1.98), (0.90, 2.04), (0.92, 2.12), (0.86, 2.155), (0.6, 2.12), (0.3, 2.1), (0, 2.1)]
    parts = [turn("seat", soft(seat, 0.03), clay.wood(kind, 0), 0, smooth=False)]
    for k in range(3):
        a = math.radians(90 + 120 * k + 28)
        top, foot = 0.5, 0.84
        parts.append(rod((foot * math.cos(a), foot * math.sin(a), 0), (top * math.cos(a), top * math.sin(a), 2.122), clay.wood(kind, 2), 0.068, 0.1))
    for k in range(3):
        ends = []
        for j in (k, k + 1):
            a = math.radians(90 + 120 * j + 28)
            high = 0.62 + 0.09 * k
            r = 0.84 - 0.34 * high / 2.13
            ends.append((r * math.cos(a), r * math.sin(a), high))
        parts.append(rod(*ends, clay.wood(kind, 2), 0.045, swell=0.25))
    return parts


def riva(kind, cord="#d9c7a4"):
    w, d, h = 0.86, 0.78, 1.72
    wood = clay.wood(kind, 2)
    parts = []
    for side in (-1, 1):
        parts.append(rod((side * w, -d, 0), (side * (w - 0.02), -d + 0.02, h + 0.06), wood, 0.066, 0.088))
        post = spline([(side * w, d + 0.12, 0), (side * w * 0.99, d, h * 0.6), (side * w * 0.98, d + 0.03, h), (side * w * 0.97, d + 0.2, 2.5), (side * w * 0.96, d + 0.44, 3.25)], 12)
        parts.append(sweep("post", post, lambda t: (0.088 - 0.022 * abs(2 * t - 0.9), 0.088 - 0.022 * abs(2 * t - 0.9)), wood, 28))
        for z in (0.62, 1.0):
            parts.append(rod((side * w, -d, z), (side * w, d + 0.05, z), wood, 0.042, swell=0.25))
        parts.append(rod((side * w, -d, h - 0.06), (side * w, d, h - 0.06), wood, 0.06))
    parts += [rod((-w, y, z), (w, y, z), wood, r, swell=0.2) for y, z, r in ((-d, 0.8, 0.042), (d + 0.05, 0.8, 0.042), (-d, h - 0.06, 0.06), (d, h - 0.06, 0.06))]
    parts.append(seat(w, d, h, cord))
    parts.append(rest(w, d, clay.wood(kind, 0)))
    return parts


def seat(w, d, h, cord):
    """Woven from four sides to the middle, as chair makers do: the diagonals show."""
    r = clay.Recipe("cord", Roughness=0.85)
    x, y = (r.sum(r.sum(r.axis(k), -0.5), 0.0, "ADD") for k in "XY")
    ax, ay = (r.sum(v, 0.0, "ABSOLUTE") for v in (x, y))
    far = r.sum(ax, ay, "MAXIMUM")
    strand = r.sum(r.sum(far, 2 * math.pi * 52, "MULTIPLY"), 0.0, "SINE")
    tone = r.ramp(r.sum(r.sum(strand, 0.5, "MULTIPLY"), 0.5), (0.0, clay.shade(cord, 0.62)), (0.55, cord))
    material = r.pour(Base_Color=tone, Normal=r.bump(strand, 0.9, 0.02))
    n, rows = 28, []
    for side in (1, -1):
        for j in range(n + 1):
            v = 2 * j / n - 1
            row = []
            for i in range(n + 1):
                u = 2 * i / n - 1
                thick = 0.085 * (1 - abs(u) ** 8) * (1 - abs(v) ** 8)
                dip = -0.05 * (1 - u * u) * (1 - v * v)
                row.append((u * (w + 0.03), -v * side * (d + 0.05), h - 0.03 + side * thick + dip))
            rows.append(row)
    return grid("seat", rows, material)


def rest(w, d, material):
    rows = []
    ring = [(math.cos(a), math.sin(a)) for a in (2 * math.pi * k / 28 for k in range(28))]
    for i in range(41):
        u = 2 * i / 40 - 1
        x, y = u * (w - 0.03), d + 0.40 + 0.2 * (1 - u * u)
        high = 0.27 * (1 - 0.35 * u * u) * (1 - 0.9 * abs(u) ** 18)
        rows.append([(x, y + 0.045 * c + 0.12 * s * high, 2.98 + high * math.copysign(abs(s) ** 0.6, s)) for c, s in ring])
    rows = [[rows[0][0]] * 28, *rows, [rows[-1][0]] * 28]
    return grid("rest", rows, material, True)


def piano(kind):
    top = [(0, 1.86), (1.12, 1.86), (1.24, 1.93), (1.24, 2.0), (0, 2.0)]
    parts = [turn("top", soft(top, 0.025), clay.wood(kind, 0), 0, smooth=False, segments=200)]
    parts.append(turn("core", [(0.5, 0.06), (0.5, 1.88)], clay.wood(kind, 2), 0, smooth=False))
    for k in range(26):
        a = 2 * math.pi * k / 26
        x, y = 0.55 * math.cos(a), 0.55 * math.sin(a)
        parts.append(rod((x, y, 0.05), (x, y, 1.88), clay.wood(kind, 2), 0.066))
    parts.append(turn("foot", soft([(0, 0), (0.72, 0), (0.72, 0.07), (0, 0.07)]), clay.wood(kind, 0), 0, smooth=False))
    return parts


def scala(kind, boards=4):
    wood, wide, deep, step = timber(kind), 1.15, 0.46, 0.88
    tall = 0.3 + step * (boards - 1) + 0.32
    parts = []
    for x in (-wide, wide):
        for y in (-deep, deep):
            parts.append(plank((0.1, 0.1, tall), (x, y, tall / 2), wood))
        for z in (0.2, tall - 0.12):
            parts.append(plank((0.08, 2 * deep - 0.1, 0.08), (x, 0, z), wood))
    for k in range(boards):
        parts.append(plank((2 * wide - 0.1, 2 * deep + 0.02, 0.065), (0, 0, 0.3 + k * step), wood))
    return parts


def dressed(kind, boards=4):
    """The shelf with a few things on it: an empty one says little about its size."""
    level = [0.3 + 0.88 * k + 0.033 for k in range(boards)]
    white, dark = clay.glaze("#e9e3d8"), clay.glaze("#935a45", gloss=0.4)
    things = [scala(kind, boards), vessels.gemma(clay.glaze("#a9ab9c", gloss=0.8), (0.62, 0, level[2]), 0.3)]
    for k in range(3):
        things.append(shrunk(vessels.alba(white), (-0.55, 0, level[1] + 0.085 * k), 0.3))
    things.append(shrunk(vessels.piega(clay.bisque("#7d6656")), (0.55, 0, level[0]), 0.33))
    spines = [("#935a45", 0.10), ("#d8cfbf", 0.07), ("#4d5a5c", 0.12), ("#b9a98c", 0.08), ("#2d333a", 0.09)]
    x = -0.95
    for k, (colour, thick) in enumerate(spines):
        tall = 0.5 + 0.05 * math.sin(3 * k)
        things.append(plank((thick, 0.42, tall), (x + thick / 2, -0.1, level[2] + tall / 2), clay.paper(colour), edge=0.01))
        x += thick + 0.006
    if boards > 3:
        things.append(shrunk(vessels.onda(dark), (-0.6, 0, level[3]), 0.22))
    return things


def shrunk(thing, at, scale):
    thing.location, thing.scale = at, (scale,) * 3
    return thing


def book(colour, size, at, turned=0):
    x, y, z = size
    return [
        plank((x, y, z), at, clay.paper(colour), (0, 0, turned), 0.012),
        plank((x - 0.02, y - 0.03, z * 0.72), (at[0] + 0.018 * math.cos(math.radians(turned)), at[1] - 0.02, at[2]), clay.paper("#efe8da"), (0, 0, turned), 0.004),
    ]


def tray(kind, at=(0, 0, 0)):
    profile = [(0, 0), (0.95, 0), (1.04, 0.06), (1.1, 0.2), (1.06, 0.2), (1.0, 0.08), (0.94, 0.055), (0, 0.05)]
    return turn("tray", soft(profile, 0.02), clay.wood(kind, 0), 0, smooth=False, at=at)
