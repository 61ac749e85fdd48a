"""The room in which all pictures are taken: backdrop, window light, camera, render settings."""
import math

import bpy
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

import clay
import wheel

PAPER = "#ece7de"


def clear(samples=48, wide=1200, high=1200):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    clay.wood.cache_clear()
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    cycles = scene.cycles
    cycles.samples, cycles.use_denoising = samples, True
    cycles.use_adaptive_sampling, cycles.adaptive_threshold, cycles.adaptive_min_samples = True, 0.03, 12
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 5, 3, 3
    cycles.transparent_max_bounces, cycles.transmission_bounces = 8, 3
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4
    scene.render.resolution_x, scene.render.resolution_y = wide, high
    scene.view_settings.view_transform = "Khronos PBR Neutral"
    scene.render.image_settings.file_format = "PNG"


def backdrop(colour=PAPER, depth=5.0, bend=2.5):
    """A roll of paper: floor, a wide bend, wall. No corner to be seen."""
    sweep = [(-9, 0), (depth - bend, 0)]
    sweep += [(depth - bend + bend * math.sin(a), bend - bend * math.cos(a)) for a in (i * math.pi / 80 for i in range(1, 41))]
    sweep += [(depth, 14)]
    rows = [[(x, y, z) for x in (-16, 16)] for y, z in sweep]
    return wheel.grid("backdrop", rows, clay.paper(colour))


def wall(colour=PAPER):
    """Straight behind what hangs on it."""
    rows = [[(x, 0, z) for x in (-16, 16)] for z in (-9, 12)]
    return wheel.grid("wall", rows, clay.paper(colour))


def window(at, aim, size, watts, colour, spread=180):
    light = bpy.data.lights.new("window", "AREA")
    light.shape, light.size, light.size_y = "RECTANGLE", size[0], size[1]
    light.energy, light.color, light.spread = watts, clay.linear(colour)[:3], math.radians(spread)
    lamp = bpy.data.objects.new("window", light)
    lamp.location = at
    lamp.rotation_euler = (Vector(aim) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(lamp)
    return lamp


def sky(colour="#f6f1ea", strength=0.5):
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    ground = world.node_tree.nodes["Background"]
    ground.inputs[0].default_value, ground.inputs[1].default_value = clay.linear(colour), strength
    bpy.context.scene.world = world


def daylight(strength=1.0):
    """A tall window at the left; the rest is what the room gives back. One colour of light keeps the noise grey."""
    window((-4.6, -2.6, 4.4), (0, 0.3, 0.9), (2.4, 3.4), 620 * strength, "#fffcf7")
    window((-1.0, 2.0, 8.0), (0, 3.0, 0), (7, 3), 150 * strength, "#fffcf8")
    sky("#fcfaf7", 0.38 * strength)


def walllight(strength=1.0):
    """For what hangs: the same window, further into the room, so that the wall stays even."""
    window((-5.2, -5.6, 5.2), (0.6, 0, 0.6), (3.2, 3.6), 1150 * strength, "#fffcf7")
    sky("#fcfaf7", 0.42 * strength)


def camera(rise=11.0, lens=85.0, away=10.0, aim=(0, 0, 1.0)):
    """Always from the front; only the height differs with what there is to see."""
    eye = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    eye.data.lens = lens
    a = math.radians(rise)
    eye.location = Vector(aim) + Vector((0, -away * math.cos(a), away * math.sin(a)))
    eye.rotation_euler = (math.radians(90) - a, 0, 0)
    bpy.context.scene.collection.objects.link(eye)
    bpy.context.scene.camera = eye
    return eye


def corners(things):
    """All points of all things as they will be rendered."""
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    for thing in things:
        if thing.type != "MESH" or thing.name.startswith("cord"):
            continue  # a flex may leave the frame
        solid = thing.evaluated_get(graph)
        mesh = solid.to_mesh()
        step = max(1, len(mesh.vertices) // 4000)
        for vertex in list(mesh.vertices)[::step]:
            yield solid.matrix_world @ vertex.co
        solid.to_mesh_clear()


def seen(things):
    scene = bpy.context.scene
    points = [world_to_camera_view(scene, scene.camera, p) for p in corners(things)]
    xs, ys = [p.x for p in points], [p.y for p in points]
    return min(xs), max(xs), min(ys), max(ys)


def compose(things, fill=0.72, turn=0.0, sit=0.49):
    """Scales a group until it fills its share of the frame, and moves the lens, not the eye, to centre it."""
    group = bpy.data.objects.new("group", None)
    bpy.context.scene.collection.objects.link(group)
    for thing in things:
        if thing.parent is None:
            thing.parent = group
    group.rotation_euler.z = math.radians(turn)
    eye = bpy.context.scene.camera.data
    for _ in range(4):
        left, right, low, high = seen(things)
        wide, tall = right - left, high - low
        group.scale *= fill / max(wide, tall, 1.12 * math.sqrt(wide * tall))
        left, right, low, high = seen(things)
        group.location.x -= ((left + right) / 2 - 0.49) * 36 / eye.lens * 10
        left, right, low, high = seen(things)
        eye.shift_y += (low + high) / 2 - sit
    return group


def shoot(path):
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
