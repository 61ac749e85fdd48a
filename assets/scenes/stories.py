"""Three wide pictures for the home page, and products in use."""
import math

import bpy

import clay
import furniture
import garden
import lights
import palette
import studio
import vessels
import textiles
from wheel import grid, place, plank


def room(colour=studio.PAPER, depth=2.6):
    """A wall, further back than in the studio."""
    rows = [[(x, depth, z) for x in (-16, 16)] for z in (-9, 14)]
    return grid("room", rows, clay.paper(colour))


def sun(strength=3.2, at=(-5, -0.6, 5.4), pane=(1.15, 1.5)):
    """Late sun through a window of six panes; only its shadow is seen."""
    light = bpy.data.lights.new("sun", "SUN")
    light.energy, light.angle, light.color = strength, math.radians(1.6), clay.linear("#ffedd2")[:3]
    lamp = bpy.data.objects.new("sun", light)
    lamp.rotation_euler = studio.Vector((0.8, 0.45, -0.45)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(lamp)
    x, y, z = at
    w, h = pane
    frame = [((0.1, 20, 20), (x, y + s * (w + 10), z)) for s in (-1, 1)]
    frame += [((0.1, 2 * w, 20), (x, y, z + s * (h + 10))) for s in (-1, 1)]
    frame += [((0.1, 0.09, 2 * h), (x, y, z))] + [((0.1, 2 * w, 0.09), (x, y, z + s * h / 3)) for s in (-1, 1)]
    for size, spot in frame:
        bar = plank(size, spot, clay.paper(), edge=0.001)
        bar.visible_camera = bar.visible_diffuse = bar.visible_glossy = False


def laid(at, plate, bowl):
    return [place(vessels.marea(plate), at), place(vessels.alba(bowl), (at[0], at[1], at[2] + 0.07), 0.62)]


def breakfast():
    room()
    sun()
    studio.window((-4.2, -4.6, 4.6), (0.5, 0.5, 0.5), (3, 3), 520, "#fffcf7")
    studio.sky(strength=0.36)
    plank((16, 4.3, 0.16), (0, -0.35, -0.08), furniture.timber("oak"))
    plank((2.9, 4.36, 0.012), (1.0, -0.35, 0.008), clay.weave(palette.LINEN, threads=160), edge=0.004)
    tide = clay.poured("#e0d8c9", "#5d7378")
    laid((-1.15, -0.55, 0), tide, palette.milk())
    laid((2.75, -0.45, 0), tide, palette.slate())
    place(vessels.brocca(palette.milk(), turned=160), (0.75, 0.7, 0.02), 0.95)
    place(vessels.sera(palette.rust(), turned=-35), (0.75, -1.0, 0.02), 0.66)
    place(vessels.sera(palette.ink(), turned=35), (-2.75, 0.3, 0), 0.66)
    for end, seed in (((0.1, 0.8, 4.1), 2), ((1.7, 0.9, 3.9), 5), ((0.9, 0.7, 4.5), 8)):
        garden.branch([(0.75, 0.7, 0.3), (0.75 + (end[0] - 0.75) * 0.3, 0.7, 2.3), end], 14, 0.42, seed=seed, start=0.42)
    studio.camera(13, 46, 10.5, (0.42, 0, 1.65))


def ledge():
    room(depth=0.62)
    sun(3.0, (-5, -2.2, 5.4), (1.5, 1.6))
    studio.window((-4.5, -5, 5), (0.5, 0, 1), (3, 3), 640, "#fffcf7")
    studio.sky(strength=0.38)
    plank((7.9, 1.2, 0.17), (0, 0.02, -0.085), furniture.timber("oak"))
    place(vessels.onda(palette.sea()), (-2.55, 0, 0), 0.92)
    vessels.gemma(palette.rust(), (-1.25, -0.1, 0), 0.62)
    place(vessels.colonna(palette.all_over(palette.MILK, 0.3)()), (0.0, 0.05, 0), 0.98)
    vessels.piega(palette.umber(), (1.5, 0, 0)).scale = (0.62,) * 3
    place(vessels.gemma(palette.celadon()), (2.85, 0, 0), 0.86)
    for end, seed in (((-0.5, 0, 4.0), 4), ((0.75, 0.1, 3.7), 9)):
        garden.branch([(0, 0.05, 1.2), (0.02, 0.05, 2.4), end], 12, 0.38, "#8a8467", seed=seed, start=0.48)
    studio.camera(4, 47, 10.5, (0.1, 0, 1.75))


def bulb(at, watts):
    light = bpy.data.lights.new("bulb", "POINT")
    light.energy, light.shadow_soft_size, light.color = watts, 0.16, clay.linear("#ffc98a")[:3]
    lamp = bpy.data.objects.new("bulb", light)
    lamp.location = at
    bpy.context.scene.collection.objects.link(lamp)


def evening():
    room("#8d8478", 1.7)
    studio.window((-5, -3, 4.5), (0, 0, 1), (3, 4), 560, "#c3d0e2")
    studio.sky("#b3bfd0", 0.34)
    plank((16, 3.3, 0.16), (0, -0.1, -0.08), furniture.timber("walnut"))
    lights.faro(palette.ochre(), 1.7, (0.9, 0.25, 0), flex=False)
    bulb((0.9, 0.25, 1.85), 190)
    z = 0.0
    for colour, size, turned in (("#4d5a5c", (1.5, 1.05, 0.2), 6), ("#935a45", (1.35, 0.95, 0.15), -9), ("#cfc0a6", (1.2, 0.85, 0.12), 4)):
        furniture.book(colour, size, (-1.35, 0.1, z + size[2] / 2), turned)
        z += size[2]
    place(vessels.alba(palette.celadon()), (-1.35, 0.1, z), 0.4)
    place(vessels.sera(palette.ink(), turned=-30), (2.75, -0.45, 0), 0.66)
    place(vessels.gemma(palette.slate()), (-3.1, 0.5, 0), 0.75)
    studio.camera(8, 54, 10.5, (0.1, 0, 1.3))


def branched(vase, mouth, ends, length=0.36, colour="#77836a"):
    """A vase in use."""
    x, y, z = mouth
    stems = [garden.branch([(x, y, z * 0.45), (x + e[0] * 0.1, y, z), (x + e[0] * 0.55, y, (z + e[1]) / 2 + 0.2), (x + e[0], y + 0.1, e[1])], 12, length, colour, seed=k + 2, start=0.38)
             for k, e in enumerate(ends)]
    return [vase, *stems]


def bowls():
    step = 0.24
    return [vessels.alba(g(), (0, 0, k * step)) for k, g in enumerate((palette.slate, palette.oat, palette.milk))]


def mugs():
    return [place(vessels.sera(palette.ink(), turned=-28), (0.75, 0.3, 0)), place(vessels.sera(palette.rust(), turned=205), (-0.75, -0.25, 0))]


def trio():
    return [vessels.gemma(palette.celadon(), (0.1, 0.5, 0)), vessels.gemma(palette.ink(), (-1.15, -0.1, 0), 0.72), vessels.gemma(palette.rust(), (1.1, -0.3, 0), 0.6)]


def cushions():
    return [textiles.lino(palette.OAT, at=(0.55, 0.75, 0), turned=6), textiles.lino(palette.CLAY, at=(-0.45, 0, 0), lean=24, turned=-10)]
