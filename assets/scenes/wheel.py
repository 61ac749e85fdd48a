"""The potter's wheel: a profile, turned. And what is pulled and pinched: handles, rods, tubes."""
import math

import bpy
from mathutils import Matrix, Vector


def link(name, mesh, material, at=(0, 0, 0), turn=(0, 0, 0)):
    thing = bpy.data.objects.new(name, mesh)
    for polygon in mesh.polygons:
        polygon.use_smooth = True
    if material:
        mesh.materials.append(material)
    thing.location, thing.rotation_euler = at, [math.radians(a) for a in turn]
    bpy.context.scene.collection.objects.link(thing)
    return thing


def grid(name, rows, material, closed=False, at=(0, 0, 0), turn=(0, 0, 0)):
    """A net of points, row by row, with UVs; `closed` joins each row's end to its start."""
    wide, high = len(rows[0]), len(rows)
    across = wide if closed else wide - 1
    faces, uvs = [], []
    for j in range(high - 1):
        for i in range(across):
            k = (i + 1) % wide
            faces.append((j * wide + i, j * wide + k, (j + 1) * wide + k, (j + 1) * wide + i))
            u, w, v, t = i / across, (i + 1) / across, j / (high - 1), (j + 1) / (high - 1)
            uvs += [(u, v), (w, v), (w, t), (u, t)]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([p for row in rows for p in row], [], faces)
    layer = mesh.uv_layers.new(name="uv")
    for loop, uv in zip(layer.data, uvs):
        loop.uv = uv
    return link(name, mesh, material, at, turn)


def spline(points, steps=14):
    """Catmull-Rom: a smooth line through all points, of any dimension."""
    points = [Vector(p) for p in points]
    padded = [2 * points[0] - points[1], *points, 2 * points[-1] - points[-2]]
    line = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:]):
        for i in range(steps):
            t = i / steps
            line.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t ** 3))
    return line + [points[-1]]


def walled(outer, wall):
    """Closes a profile into a thick wall: foot, outside, round lip, inside, floor."""
    across = []
    for i, point in enumerate(outer):
        along = outer[min(i + 1, len(outer) - 1)] - outer[max(i - 1, 0)]
        across.append(Vector((along.y, -along.x)).normalized())
    inner = [p - n * wall for p, n in zip(outer, across)]
    lip_out, lip_in = outer[-1], inner[-1]
    centre, half = (lip_out + lip_in) / 2, (lip_out - lip_in) / 2
    up = Vector((-half.y, half.x))
    lip = [centre + half * math.cos(a) + up * math.sin(a) for a in (i * math.pi / 8 for i in range(1, 8))]
    inside = [p for p in reversed(inner) if p.y > wall * 1.4 and p.x > 0.004]
    foot, edge = outer[0], wall * 0.35
    under = [Vector((0, foot.y)), Vector((foot.x - edge, foot.y)), Vector((foot.x - edge * 0.3, foot.y + edge * 0.3))]
    start = [p for p in outer if p.y > foot.y + edge]
    return under + start + lip + inside + [Vector((inside[-1].x * 0.5, inside[-1].y - wall * 0.1)), Vector((0, inside[-1].y - wall * 0.12))]


def turn(name, profile, material, wall=0.05, shape=None, segments=144, at=(0, 0, 0), tilt=(0, 0, 0), smooth=True):
    """Turns a profile of (radius, height). `wall=0`: solid. `shape(angle, radius, height, share)` bends the round."""
    line = spline(profile) if smooth else [Vector(p) for p in profile]
    top = max(p.y for p in line)
    if wall:
        line = walled(line, wall)
    rows = []
    for point in line:
        row = []
        for i in range(segments):
            angle, r, h = 2 * math.pi * i / segments, max(point.x, 0.0004), point.y
            if shape:
                r, h = shape(angle, r, h, h / top)
            row.append((r * math.cos(angle), r * math.sin(angle), h))
        rows.append(row)
    return grid(name, rows, material, True, at, tilt)


def soft(profile, edge=0.02):
    """Rounds the corners of a profile made of straight lines, for `smooth=False`."""
    points, out = [Vector(p) for p in profile], [Vector(profile[0])]
    for a, b, c in zip(points, points[1:], points[2:]):
        e = min(edge, (a - b).length * 0.45, (c - b).length * 0.45)
        p, q = b + (a - b).normalized() * e, b + (c - b).normalized() * e
        out += [p * (1 - t) ** 2 + b * 2 * t * (1 - t) + q * t * t for t in (i / 5 for i in range(6))]
    return out + [points[-1]]


def sweep(name, path, section, material, sides=20, at=(0, 0, 0), tilt=(0, 0, 0)):
    """Draws a round or oval section, `section(share) -> (a, b)`, along a path."""
    path = [Vector(p) for p in path]
    tangents = [(path[min(i + 1, len(path) - 1)] - path[max(i - 1, 0)]).normalized() for i in range(len(path))]
    side = tangents[0].orthogonal().normalized()
    if abs(tangents[0].y) < 0.9:
        side = tangents[0].cross(Vector((0, 1, 0))).normalized()
    rows = []
    for i, (point, along) in enumerate(zip(path, tangents)):
        side = (side - along * side.dot(along)).normalized()
        other = along.cross(side)
        a, b = section(i / (len(path) - 1))
        rows.append([point + side * a * math.cos(t) + other * b * math.sin(t)
                     for t in (2 * math.pi * k / sides for k in range(sides))])
    rows = [[path[0]] * sides, *rows, [path[-1]] * sides]
    return grid(name, rows, material, True, at, tilt)


def rod(start, end, material, thick=0.05, thin=None, swell=0.0):
    """A turned leg or rail from one point to another, its ends rounded; local Z runs along it."""
    start, end = Vector(start), Vector(end)
    length, thin = (end - start).length, thick if thin is None else thin
    profile = [(0, 0)]
    for i in range(25):
        t = i / 24
        r = (thick * (1 - t) + thin * t) * (1 + swell * math.sin(math.pi * t))
        profile.append((r, t * length))
    profile.append((0, length))
    thing = turn("rod", soft(profile, min(thick, thin) * 0.3), material, 0, None, 40, smooth=False)
    thing.matrix_world = Matrix.Translation(start) @ Vector((0, 0, 1)).rotation_difference(end - start).to_matrix().to_4x4()
    return thing


def plank(size, at, material, turn=(0, 0, 0), edge=0.02):
    """A board with soft edges. `material` may be a function of the grain's axis: it then runs the long way."""
    x, y, z = (s / 2 for s in size)
    corners = [(i, j, k) for k in (-z, z) for j in (-y, y) for i in (-x, x)]
    mesh = bpy.data.meshes.new("plank")
    mesh.from_pydata(corners, [], [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)])
    thing = link("plank", mesh, material(size.index(max(size))) if callable(material) else material, at, turn)
    bevel = thing.modifiers.new("edge", "BEVEL")
    bevel.width, bevel.segments, bevel.harden_normals = min(edge, min(size) * 0.45), 4, True
    return thing


def slab(name, outline, thick, material, at=(0, 0, 0), edge=0.03):
    """An outline in X and Z, sawn from a board; its back stands at y = 0."""
    n = len(outline)
    points = [(x, y, z) for y in (-thick, 0) for x, z in outline]
    faces = [tuple(range(n)), tuple(range(2 * n - 1, n - 1, -1))]
    faces += [(i, n + i, n + (i + 1) % n, (i + 1) % n) for i in range(n)]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    thing = link(name, mesh, material, at)
    bevel = thing.modifiers.new("edge", "BEVEL")
    bevel.width, bevel.segments, bevel.harden_normals, bevel.angle_limit = edge, 4, True, math.radians(50)
    return thing


def hang(parts, at=(0, 0, 0), tilt=(90, 0, 0)):
    """Parts made lying down, facing up, are hung on the wall, facing the camera."""
    nail = bpy.data.objects.new("nail", None)
    nail.location, nail.rotation_euler = at, [math.radians(a) for a in tilt]
    bpy.context.scene.collection.objects.link(nail)
    for part in parts:
        part.parent = nail
    return [nail, *parts]


def place(things, at=(0, 0, 0), scale=1.0, turned=0.0):
    """Moves a whole thing, however many parts it has."""
    things = things if isinstance(things, list) else [things]
    spot = bpy.data.objects.new("spot", None)
    spot.location, spot.scale, spot.rotation_euler.z = at, (scale,) * 3, math.radians(turned)
    bpy.context.scene.collection.objects.link(spot)
    for thing in things:
        if thing.parent is None:
            thing.parent = spot
    return [spot, *things]
