"""Lamps and candlesticks."""
import math

import clay
from wheel import rod, soft, spline, sweep, turn


def cord(points, material):
    return sweep("cord", spline(points, 16), lambda t: (0.024, 0.024), material, 10)


def faro(foot, level=1.15, at=(0, 0, 0), flex=True):
    profile = [(0.42, 0), (0.58, 0.16), (0.66, 0.48), (0.55, 0.82), (0.28, 1.06), (0.16, 1.2), (0.15, 1.3)]
    parts = [turn("foot", profile, foot, 0.05)]
    parts.append(turn("neck", soft([(0, 1.27), (0.12, 1.27), (0.12, 1.5), (0, 1.5)]), clay.brass(), 0, smooth=False))
    parts.append(turn("shade", [(0.98, 1.36), (0.82, 1.9), (0.66, 2.44)], clay.lit_shade("#ffd9a6", level), 0.02))
    for r, h in ((0.985, 1.37), (0.665, 2.44)):
        ring = [(r * math.cos(a), r * math.sin(a), h) for a in (2 * math.pi * i / 96 for i in range(97))]
        parts.append(sweep("hem", ring, lambda t: (0.014, 0.022), clay.paper("#dccbae"), 10))
    if flex:
        parts.append(cord([(0.3, 0.45, 0.04), (0.8, 0.75, 0.03), (1.5, 0.6, 0.03), (2.3, 0.2, 0.03), (3.4, 0.5, 0.03), (7, 0.9, 0.03)], clay.paper("#8d5a42")))
    for part in parts:
        part.location = at
    return parts


def candlestick(metal, tall, lean, at=(0, 0, 0)):
    path = spline([(0, 0, 0.05), (-0.10 * lean, 0, tall * 0.32), (0.04 * lean, 0, tall * 0.68), (0.34 * lean, 0, tall)], 16)
    x = 0.34 * lean
    parts = [
        turn("base", soft([(0, 0), (0.44, 0), (0.45, 0.07), (0.1, 0.13), (0, 0.14)], 0.05), metal, 0, smooth=False),
        sweep("stem", path, lambda t: (0.062 + 0.05 * (2 * t - 1) ** 8, 0.062 + 0.05 * (2 * t - 1) ** 8), metal, 28),
        turn("cup", [(0.07, tall - 0.03), (0.15, tall + 0.03), (0.155, tall + 0.15)], metal, 0.03, at=(x, 0, 0)),
        rod((x, 0, tall + 0.04), (x, 0, tall + 1.15), clay.wax(), 0.092, 0.082),
        rod((x, 0, tall + 1.14), (x + 0.015, 0, tall + 1.22), clay.paper("#3a332c"), 0.011),
    ]
    for part in parts:
        part.location.x += at[0]
        part.location.y += at[1]
    return parts


def coppia(metal):
    return candlestick(metal, 1.75, 1, (-0.62, 0, 0)) + candlestick(metal, 1.3, -1, (0.62, -0.2, 0))


def luna(base, level=1.0):
    globe = [(0.74 * math.sin(a), 0.42 + 0.74 - 0.74 * math.cos(a)) for a in (math.pi * i / 48 for i in range(49))]
    opal = clay.Recipe("opal", Base_Color=clay.linear("#f3ece0"), Roughness=0.22, Coat_Weight=0.6)
    face = opal.node("LayerWeight", {"Blend": 0.35}).outputs["Facing"]
    light = opal.sum(opal.ramp(face, (0.0, 0.95), (1.0, 0.4)), level, "MULTIPLY")
    opal.pour(Emission_Color=clay.linear("#ffe3bd"), Emission_Strength=light)
    return [
        turn("globe", globe, opal.material, 0, smooth=False),
        turn("base", soft([(0, 0), (0.58, 0), (0.58, 0.2), (0.46, 0.52), (0.36, 0.52), (0.3, 0.46), (0, 0.46)], 0.04), base, 0, smooth=False),
        cord([(0.4, 0.3, 0.04), (0.8, 0.6, 0.03), (1.4, 0.45, 0.03), (2.1, 0.1, 0.03), (3.2, 0.4, 0.03), (7, 0.8, 0.03)], clay.paper("#4a4038")),
    ]


def fungo(skin):
    cap = [(1.02, 1.36), (1.01, 1.48), (0.91, 1.72), (0.68, 1.94), (0.36, 2.07), (0.12, 2.1), (0.0, 2.105)]
    inner = [(0.96, 1.39), (0.84, 1.64), (0.56, 1.86), (0.0, 1.96)]
    stem = [(p.x, p.y) for p in spline([(0.53, 0.05), (0.36, 0.17), (0.245, 0.5), (0.205, 0.95), (0.235, 1.35), (0.31, 1.75)])]
    stem = [(0, 0), (0.53, 0), *stem]
    return [
        turn("cap", cap, skin, 0),
        turn("lining", inner, clay.glow("#ffddb0", 1.6, "#f4ead8"), 0),
        turn("hem", soft([(0.95, 1.40), (0.95, 1.355), (1.02, 1.355), (1.02, 1.40)], 0.02), skin, 0, smooth=False),
        turn("stem", soft(stem, 0.02), skin, 0, smooth=False),
    ]
