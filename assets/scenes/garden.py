"""Branches for the vases."""
import math
import random

import bpy
from mathutils import Matrix, Vector

import clay
from wheel import grid, spline, sweep


def leaf(at, way, length, material, dice):
    """A blade, folded along its rib and bent under its own weight."""
    rows = []
    for j in range(9):
        t = j / 8
        half = 0.19 * length * math.sin(math.pi * min(1, t * 0.97 + 0.02)) ** 0.8
        rows.append([(x * half, t * length, -0.18 * length * t * t + abs(x) * half * 0.35) for x in (-1, -0.5, 0, 0.5, 1)])
    thing = grid("leaf", rows, material)
    spin = Matrix.Rotation(dice.uniform(-0.9, 0.9), 4, "Y")
    thing.matrix_world = Matrix.Translation(at) @ Vector(way).to_track_quat("Y", "Z").to_matrix().to_4x4() @ spin
    return thing


def branch(points, leaves=16, length=0.34, colour="#77836a", thick=0.022, seed=1, start=0.3):
    dice, path = random.Random(seed), spline(points, 14)
    green, bark = clay.leaf(colour), clay.paper("#7c6650")
    parts = [sweep("stem", path, lambda t: (thick * (1 - 0.6 * t),) * 2, bark, 10)]
    for k in range(leaves):
        t = start + (1 - start) * k / max(1, leaves - 1)
        i = min(len(path) - 2, int(t * (len(path) - 1)))
        along = (path[i + 1] - path[i]).normalized()
        side = along.cross(Vector((0, 1, 0.2))).normalized() * (1 if k % 2 else -1)
        out = side + along * 0.75 + Vector((dice.uniform(-0.3, 0.3), dice.uniform(-0.6, 0.6), dice.uniform(-0.1, 0.3)))
        parts.append(leaf(path[i], along if k == leaves - 1 else out, length * dice.uniform(0.75, 1.1) * (1 - 0.3 * t), green, dice))
    return parts
