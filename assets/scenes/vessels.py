"""Vases and tableware."""
import math

import clay
from wheel import spline, sweep, turn


def hump(share, at, width):
    return math.exp(-((share - at) / width) ** 2)


def hand(angle, share, how=0.006):
    """What the hand leaves: never quite round."""
    return 1 + how * math.sin(2 * angle + 5 * share) + how * 0.6 * math.sin(3 * angle - 7 * share)


def onda(material, at=(0, 0, 0), size=1.0):
    profile = [(0.40, 0), (0.50, 0.35), (0.60, 0.85), (0.66, 1.3), (0.58, 1.68), (0.36, 1.95), (0.235, 2.15), (0.215, 2.36), (0.27, 2.52)]

    def wave(angle, r, h, share):
        swell = hump(share, 0.62, 0.16)
        return r * hand(angle, share) * (1 + 0.04 * swell * math.sin(3 * angle + 0.6)), h + 0.14 * swell * math.sin(3 * angle + 2.2)

    return turn("onda", [(r * size, h * size) for r, h in profile], material, 0.05 * size, wave, 192, at)


def piega(material, at=(0, 0, 0)):
    profile = [(0.62, 0), (0.80, 0.18), (0.98, 0.5), (1.06, 0.82), (1.0, 1.1), (0.9, 1.28)]

    def fold(angle, r, h, share):
        ridge = abs((angle * 20 / (2 * math.pi) + 1.1 * share) % 1 - 0.5) * 2
        deep = 0.13 * min(1, 0.1 + 1.3 * share)
        return r * (1 + deep * (ridge - 0.5)), h

    return turn("piega", profile, material, 0.045, fold, 20 * 36, at)


def colonna(material, at=(0, 0, 0), tall=2.4):
    profile = [(0.52, 0), (0.53, 0.06), (0.5, 0.11), (0.475, 0.17), (0.472, 0.3), (0.462, tall * 0.5), (0.45, tall - 0.25), (0.45, tall - 0.12), (0.475, tall - 0.06), (0.48, tall)]

    def flute(angle, r, h, share):
        body = min(1, max(0, (h - 0.17) / 0.07)) * min(1, max(0, (tall - 0.2 - h) / 0.07))
        return r * (1 - 0.085 * body * abs(math.sin(12 * angle))), h

    return turn("colonna", profile, material, 0.06, flute, 24 * 18, at)


def gemma(material, at=(0, 0, 0), size=1.0):
    profile = [(0.34, 0), (0.62, 0.2), (0.80, 0.58), (0.74, 0.98), (0.44, 1.28), (0.17, 1.5), (0.115, 1.75), (0.115, 1.95), (0.19, 2.1)]
    return turn("gemma", [(r * size, h * size) for r, h in profile], material, 0.04 * size,
                lambda a, r, h, s: (r * hand(a, s, 0.004), h), 160, at)


def alba(material, at=(0, 0, 0), tilt=(0, 0, 0)):
    profile = [(0.40, 0), (0.41, 0.09), (0.52, 0.14), (0.80, 0.3), (0.98, 0.56), (1.06, 0.88), (1.08, 1.0)]
    return turn("alba", profile, material, 0.055, lambda a, r, h, s: (r * hand(a, s, 0.004), h), 160, at, tilt)


def marea(material, at=(0, 0, 0), size=1.0, tilt=(0, 0, 0)):
    profile = [(0.6, 0), (0.72, 0.02), (0.9, 0.045), (1.05, 0.1), (1.13, 0.19), (1.15, 0.235)]
    return turn("marea", [(r * size, h * size) for r, h in profile], material, 0.04 * size,
                lambda a, r, h, s: (r * hand(a, s, 0.003), h), 160, at, tilt)


def ear(name, points, material, thick=0.075, broad=0.12):
    """A pulled handle: an oval strap, wider where it joins."""
    path = spline(points, 12)
    return sweep(name, path, lambda t: (thick * (1 + 0.5 * (2 * t - 1) ** 6), broad * (1 + 0.55 * (2 * t - 1) ** 4)), material, 28)


def sera(material, at=(0, 0, 0), turned=0.0):
    profile = [(0.50, 0), (0.56, 0.08), (0.60, 0.4), (0.61, 0.8), (0.60, 1.12), (0.61, 1.28)]
    cup = turn("sera", profile, material, 0.06, lambda a, r, h, s: (r * hand(a, s, 0.005), h), 144)
    grip = ear("ear", [(0.57, 0, 1.03), (0.78, 0, 1.10), (1.0, 0, 0.97), (1.03, 0, 0.68), (0.87, 0, 0.4), (0.57, 0, 0.27)], material)
    for part in (cup, grip):
        part.location, part.rotation_euler.z = at, math.radians(turned)
    return [cup, grip]


def brocca(material, at=(0, 0, 0), tall=2.1, turned=0.0):
    s = tall / 2.1
    profile = [(0.46, 0), (0.56, 0.14), (0.70, 0.5 * s), (0.70, 0.85 * s), (0.54, 1.3 * s), (0.42, 1.62 * s), (0.43, 1.9 * s), (0.50, 2.1 * s)]

    def pinch(angle, r, h, share):
        away = abs((angle + math.pi) % (2 * math.pi) - math.pi)
        lip = math.exp(-(away / 0.42) ** 2) * max(0, (share - 0.74) / 0.26) ** 1.6
        beside = math.exp(-((away - 0.75) / 0.4) ** 2) * max(0, (share - 0.74) / 0.26) ** 1.6
        return r * hand(angle, share, 0.004) * (1 + 0.36 * lip - 0.08 * beside), h + 0.1 * lip

    body = turn("brocca", profile, material, 0.055, pinch, 180)
    top, low = 1.78 * s, 0.72 * s
    grip = ear("ear", [(-0.40, 0, top), (-0.66, 0, top + 0.13), (-0.98, 0, top - 0.12), (-1.06, 0, (top + low) / 2), (-0.92, 0, low + 0.16), (-0.68, 0, low - 0.02)], material, 0.065, 0.12)
    for part in (body, grip):
        part.location, part.rotation_euler.z = at, math.radians(turned)
    return [body, grip]
