"""Cloth: folded, rolled, hung, filled."""
import math
import random

import bpy

import clay
from wheel import grid, rod, spline, sweep


def cloth(name, path, wide, material, thick=0.05, soft=0.015, columns=70):
    """Weaves a strip along a path in X and Z, `wide` along Y, and crumples it a little."""
    rows = []
    for j, point in enumerate(path):
        row = []
        for i in range(columns + 1):
            u = i / columns - 0.5
            ease = soft * (math.sin(7 * u + j * 0.05) + math.sin(17 * u - j * 0.11) * 0.5)
            row.append((point[0] + ease * 0.8, u * wide + soft * math.sin(j * 0.17), point[1] + ease * 0.5))
        rows.append(row)
    thing = grid(name, rows, material)
    wall = thing.modifiers.new("thick", "SOLIDIFY")
    wall.thickness, wall.offset = thick, 0
    fine = thing.modifiers.new("fine", "SUBSURF")
    fine.levels = fine.render_levels = 1
    return thing


def folds(wide, layers, gap, hang=0.0):
    """A line to and fro, as cloth lies when folded; `hang` lets the last end fall over the edge."""
    line, half = [], wide / 2
    for k in range(layers):
        z, way = gap * (k + 0.5), 1 if k % 2 == 0 else -1
        line += [(way * (-half + wide * i / 24), z + 0.007 * math.sin(i * 0.5 + k)) for i in range(1, 24)]
        if k < layers - 1:
            bulge = 1 + 0.25 * math.sin(k * 2.1)
            line += [(way * (half + bulge * gap * 0.62 * math.sin(a)), z + gap / 2 - gap / 2 * math.cos(a)) for a in (math.pi * i / 9 for i in range(10))]
    if hang:
        x, z = line[-1]
        way = math.copysign(1, x)
        line += [(x + way * 0.21 * math.sin(a), z - 0.21 + 0.21 * math.cos(a)) for a in (math.pi / 2 * i / 6 for i in range(1, 7))]
        x, z = line[-1]
        line += [(x + way * 0.02 * math.sin(i), z - hang * i / 10) for i in range(1, 11)]
    return line


def fringe(start, end, count, length, material, way=(0, 0, -1), seed=3):
    dice, strands = random.Random(seed), []
    for k in range(count):
        t = (k + 0.5) / count
        a = [s + (e - s) * t for s, e in zip(start, end)]
        sway = [dice.uniform(-0.04, 0.04) for _ in range(2)]
        long = length * dice.uniform(0.85, 1.05)
        points = [a, *[[a[0] + way[0] * long * f + sway[0] * f * f, a[1] + way[1] * long * f + sway[1] * f * f, max(0.02, a[2] + way[2] * long * f)] for f in (0.35, 0.7, 1.0)]]
        strands.append(sweep("strand", spline(points, 4), lambda s: (0.02 - 0.006 * s, 0.02 - 0.006 * s), material, 8))
    return strands


def lana(colour, stripe, layers=6):
    material = clay.wool(colour, stripe, [(0.968, 0.973), (0.978, 0.983), (0.92, 0.925), (0.93, 0.945), (0.95, 0.955)], 9)
    path = folds(2.3, layers, 0.17, 0.36)
    x, z = path[-1]
    return [cloth("lana", path, 1.7, material, 0.14, 0.009),
            *fringe((x, -0.84, z + 0.02), (x, 0.84, z + 0.02), 60, 0.34, clay.paper(clay.shade(colour, 1.04)))]


def passo(colour, stripe):
    """A rug, half unrolled."""
    flap = [(-1.75 + 1.75 * i / 30, 0.05) for i in range(30)]
    turns, gap, outer = 3.6, 0.125, 0.56
    roll = []
    for i in range(151):
        a = 2 * math.pi * turns * i / 150
        r = outer - gap * a / (2 * math.pi)
        roll.append((r * math.sin(a), 0.05 + outer - r * math.cos(a)))
    material = clay.weave(colour, stripe, 80, 0.8, [(0.035, 0.06), (0.075, 0.085), (0.10, 0.11)], 3.5)
    rug = cloth("passo", flap + roll, 2.7, material, 0.085, 0.006)
    return [rug, *fringe((-1.75, -1.33, 0.05), (-1.75, 1.33, 0.05), 56, 0.2, clay.paper(colour), (-1, 0, -0.1))]


def tela(colour, stripe, rail="oak"):
    """Two linen cloths over an oak rail."""
    parts = [rod((-1.25, -0.33, 2.3), (1.25, -0.33, 2.3), clay.wood(rail, 2), 0.05)]
    for x in (-1.17, 1.17):
        parts.append(rod((x, 0.02, 2.3), (x, -0.36, 2.3), clay.wood(rail, 2), 0.036))
    for middle, drop, bands in ((-0.56, 2.0, [(0.05, 0.058), (0.07, 0.10), (0.112, 0.12)]), (0.6, 1.72, [(0.0, 0.035), (0.06, 0.068), (0.082, 0.09)])):
        parts.append(hung(middle, drop, clay.weave(colour if middle < 0 else clay.shade(colour, 0.97), stripe, 130, 0.45, bands, 3.8)))
    return parts


def hung(middle, drop, material, wide=0.98):
    rows = []
    line = [(-0.42, 2.3 - drop + drop * i / 60) for i in range(60)]
    line += [(-0.33 - 0.085 * math.cos(a), 2.3 + 0.085 * math.sin(a)) for a in (math.pi * i / 10 for i in range(11))]
    line += [(-0.24, 2.3 - drop * 0.8 * i / 40) for i in range(1, 41)]
    for y, z in line:
        low = min(1, max(0, (2.3 - z) / drop))
        row = []
        for i in range(91):
            u = i / 90 - 0.5
            wave = 0.055 * (0.3 + low) * (1 + math.sin(15 * u + middle * 3 + low) + 0.4 * math.sin(27 * u + 1.3))
            gather = 1 - 0.10 * (1 - low)
            row.append((middle + u * wide * gather, y - low * wave if y < -0.3 else y, z + 0.012 * math.sin(9 * u) * low))
        rows.append(row)
    thing = grid("tela", rows, material)
    wall = thing.modifiers.new("thick", "SOLIDIFY")
    wall.thickness = 0.014
    return thing


def lino(colour, stripe=None, at=(0, 0, 0), lean=18, turned=0, bands=None):
    """A cushion: two squares sewn together, then blown up. The seams pucker by themselves."""
    n, index, points, faces = 52, {}, [], []

    def point(i, j, side):
        key = (i, j, 0 if i in (0, n) or j in (0, n) else side)
        if key not in index:
            index[key] = len(points)
            x, z = 2 * i / n - 1, 2 * j / n - 1
            corner = 1 - 0.025 * x ** 4 * z ** 4
            points.append((x * (1 + 0.05 * (1 - z * z)) * corner, 0.02 * key[2], z * (1 + 0.05 * (1 - x * x)) * corner))
        return index[key]

    for side in (-1, 1):
        for j in range(n):
            for i in range(n):
                ring = [point(i, j, side), point(i + 1, j, side), point(i + 1, j + 1, side), point(i, j + 1, side)]
                faces.append(tuple(ring if side < 0 else reversed(ring)))
    mesh = bpy.data.meshes.new("lino")
    mesh.from_pydata(points, [], faces)
    layer = mesh.uv_layers.new(name="uv")
    for loop, slot in zip(mesh.loops, layer.data):
        x, _, z = points[loop.vertex_index]
        slot.uv = ((x + 1) / 2, (z + 1) / 2)
    return blow(mesh, clay.weave(colour, stripe, 120, 0.5, bands), at, lean, turned)


def blow(mesh, material, at, lean, turned):
    scene = bpy.context.scene
    soft = bpy.data.objects.new("lino", mesh)
    scene.collection.objects.link(soft)
    cloth = soft.modifiers.new("cloth", "CLOTH").settings
    cloth.quality, cloth.mass, cloth.use_pressure, cloth.uniform_pressure_force = 6, 0.3, True, 4
    cloth.tension_stiffness = cloth.compression_stiffness = 25
    cloth.bending_stiffness, cloth.shrink_min, cloth.effector_weights.gravity = 0.4, 0.02, 0
    for frame in range(1, 36):
        scene.frame_set(frame)
    blown = bpy.data.meshes.new_from_object(soft.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    bpy.data.objects.remove(soft)
    blown.materials.clear()
    blown.materials.append(material)
    for polygon in blown.polygons:
        polygon.use_smooth = True
    thing = bpy.data.objects.new("lino", blown)
    scene.collection.objects.link(thing)
    fine = thing.modifiers.new("fine", "SUBSURF")
    fine.levels = fine.render_levels = 1
    thing.rotation_euler = (math.radians(-lean), 0, math.radians(turned))
    low = min(v.co.z * math.cos(math.radians(lean)) + v.co.y * math.sin(math.radians(-lean)) for v in blown.vertices)
    thing.location = (at[0], at[1], at[2] - low)
    return thing
