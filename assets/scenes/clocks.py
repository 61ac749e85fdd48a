"""Clocks, a sandglass, a box."""
import math

import clay
from wheel import hang, plank, rod, slab, soft, turn


def hand(length, width, degrees, high, material):
    """A hand seen from above, twelve o'clock at +Y, its tail a sixth behind the axle."""
    a = math.radians(90 - degrees)
    middle = length * 0.5 - length * 0.09
    return plank((length * 1.18, width, 0.02), (middle * math.cos(a), middle * math.sin(a), high), material, (0, 0, 90 - degrees), 0.008)


def works(r, high, ink, marks, hour=10, minute=9):
    parts = []
    for k in range(12):
        a, long = math.pi * k / 6, 0.15 if k % 3 == 0 else 0.08
        at = r * 0.84 - long / 2
        parts.append(plank((long * r, 0.026 * r, 0.016), (at * math.cos(a), at * math.sin(a), high + 0.004), marks, (0, 0, 30 * k), 0.005))
    parts.append(hand(r * 0.5, 0.05 * r, 30 * (hour + minute / 60), high + 0.05, ink))
    parts.append(hand(r * 0.74, 0.034 * r, 6 * minute, high + 0.08, ink))
    parts.append(turn("axle", soft([(0, high), (0.05 * r, high), (0.05 * r, high + 0.11), (0, high + 0.11)], 0.01), ink, 0, smooth=False))
    return parts


def ora(face, rim, hands="#2b2622", marks=None):
    ink = clay.paint(hands, 0.4)
    dial = turn("dial", [(0, 0.13), (0.97, 0.13), (0.98, 0.1)], face, 0, smooth=False)
    band = turn("rim", soft([(0.93, 0), (1.06, 0), (1.06, 0.26), (0.97, 0.26), (0.95, 0.12)], 0.025), rim, 0, smooth=False, segments=200)
    return hang([dial, band, *works(0.97, 0.13, ink, marks or ink)], (0, 0, 1))


def sosta(body, face="#efe8dc", brass=None):
    arch = [(-0.62, 0), (0.62, 0)] + [(0.62 * math.cos(a), 0.82 + 0.62 * math.sin(a)) for a in (math.pi * i / 40 for i in range(41))]
    metal = brass or clay.brass()
    dial = turn("dial", soft([(0, 0.0), (0.4, 0.0), (0.42, 0.02), (0.44, 0.02), (0.44, -0.05)], 0.01), clay.paper(face), 0, smooth=False)
    ring = turn("ring", soft([(0.4, -0.02), (0.46, -0.02), (0.46, 0.035), (0.42, 0.035), (0.4, 0.0)], 0.012), metal, 0, smooth=False)
    front = hang([dial, ring, *works(0.4, 0.0, metal, clay.paint("#2b2622"), 4, 50)], (0, -0.482, 0.84))
    return [slab("arch", arch, 0.46, body, edge=0.07), *front]


def clessidra(kind, sand):
    half = [(0.045, 0), (0.06, 0.08), (0.2, 0.26), (0.42, 0.52), (0.5, 0.82), (0.42, 1.08), (0.34, 1.2)]
    glass = [(r, 1.35 - h) for r, h in reversed(half)] + [(r, 1.35 + h) for r, h in half[1:]]
    grains = clay.Recipe("sand", Roughness=1.0)
    grains.pour(Base_Color=grains.ramp(grains.noise(150, 2), (0.3, clay.shade(sand, 0.8)), (0.7, clay.shade(sand, 1.1))), Normal=grains.bump(grains.noise(150, 2), 0.6, 0.02))
    fallen = [(0, 0.16), (0.36, 0.16), (0.42, 0.28), (0.475, 0.48), (0.46, 0.62), (0.3, 0.7), (0.1, 0.83), (0, 0.86)]
    left = [(0, 1.36), (0.03, 1.36), (0.045, 1.44), (0.18, 1.61), (0.35, 1.82), (0.34, 1.85), (0.2, 1.8), (0, 1.72)]
    parts = [turn("glass", glass, clay.thin_glass(), 0), turn("fallen", soft(fallen, 0.03), grains.material, 0, smooth=False),
             turn("left", soft(left, 0.03), grains.material, 0, smooth=False), rod((0, 0, 0.8), (0, 0, 1.4), grains.material, 0.009)]
    for z in (0, 2.55):
        parts.append(turn("plate", soft([(0, z), (0.72, z), (0.72, z + 0.15), (0, z + 0.15)], 0.03), clay.wood(kind, 0), 0, smooth=False))
    for k in range(3):
        a = math.radians(120 * k + 38)
        parts.append(rod((0.6 * math.cos(a), 0.6 * math.sin(a), 0.1), (0.6 * math.cos(a), 0.6 * math.sin(a), 2.6), clay.wood(kind, 2), 0.045, swell=0.15))
    return parts


def scatola(body, kind="oak", at=(0, 0, 0)):
    jar = [(0.68, 0), (0.74, 0.06), (0.76, 0.5), (0.74, 0.98)]
    lid = [(0, 0.96), (0.70, 0.96), (0.76, 1.0), (0.76, 1.1), (0.70, 1.15), (0.1, 1.16), (0.09, 1.24), (0.17, 1.33), (0.16, 1.4), (0.1, 1.43), (0, 1.43)]
    return [turn("jar", jar, body, 0.05, at=at), turn("lid", soft(lid, 0.03), clay.wood(kind, 0), 0, smooth=False, at=at)]
