"""Materials: glazes, wood, brass, cloth, glass. Colours are written as in CSS."""
import functools

import bpy


def linear(css, alpha=1.0):
    """'#c8b89a' -> linear RGBA, which is what Blender reckons with."""
    parts = [int(css[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts) + (alpha,)


def shade(css, by):
    """A darker (by < 1) or lighter tone of the same colour."""
    parts = [min(255, round(int(css[i:i + 2], 16) * by)) for i in (1, 3, 5)]
    return "#%02x%02x%02x" % tuple(parts)


class Recipe:
    """One material, stirred together from nodes. A value may be a number, a colour or another node's socket."""

    def __init__(self, name, **inputs):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.shader = self.tree.nodes["Principled BSDF"]
        self.set(self.shader, {key.replace("_", " "): value for key, value in inputs.items()})

    def set(self, node, inputs):
        for key, value in inputs.items():
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[key])
            else:
                node.inputs[key].default_value = value

    def pour(self, **inputs):
        self.set(self.shader, {key.replace("_", " "): value for key, value in inputs.items()})
        return self.material

    def node(self, kind, inputs=None, **settings):
        node = self.tree.nodes.new("ShaderNode" + kind)
        for key, value in settings.items():
            setattr(node, key, value)
        self.set(node, inputs or {})
        return node

    def where(self, stretch=(1, 1, 1), coordinates="Object"):
        place = self.node("TexCoord").outputs[coordinates]
        return self.node("Mapping", {"Vector": place, "Scale": stretch}).outputs[0]

    def noise(self, scale, detail=3.0, stretch=(1, 1, 1), coordinates="Object", distortion=0.0):
        at = self.where(stretch, coordinates)
        inputs = {"Vector": at, "Scale": scale, "Detail": detail, "Distortion": distortion}
        return self.node("TexNoise", inputs).outputs[0]

    def wave(self, scale, stretch=(1, 1, 1), coordinates="Object", distortion=0.0, direction="X"):
        inputs = {"Vector": self.where(stretch, coordinates), "Scale": scale, "Distortion": distortion}
        return self.node("TexWave", inputs, bands_direction=direction).outputs[1]

    def ramp(self, fac, *stops):
        node = self.node("ValToRGB", {"Fac": fac})
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (at, colour) in zip(elements, stops):
            element.position = at
            element.color = linear(colour) if isinstance(colour, str) else (colour, colour, colour, 1)
        return node.outputs[0]

    def mix(self, fac, a, b):
        node = self.node("Mix", data_type="RGBA")
        colours = [linear(c) if isinstance(c, str) else c for c in (a, b)]
        for index, value in ((0, fac), (6, colours[0]), (7, colours[1])):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[index])
            else:
                node.inputs[index].default_value = value
        return node.outputs[2]

    def sum(self, a, b, operation="ADD"):
        node = self.node("Math", operation=operation)
        for index, value in enumerate((a, b)):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[index])
            else:
                node.inputs[index].default_value = value
        return node.outputs[0]

    def axis(self, name, coordinates="Generated"):
        place = self.node("TexCoord").outputs[coordinates]
        return self.node("SeparateXYZ", {"Vector": place}).outputs[name]

    def bump(self, height, strength=0.2, distance=0.01):
        return self.node("Bump", {"Height": height, "Strength": strength, "Distance": distance}).outputs[0]


def mottled(r, colour, speckle):
    """Fired colour is never even: clouds first, then iron specks."""
    clouds = r.ramp(r.noise(3.2, 6), (0.3, shade(colour, 0.93)), (0.7, shade(colour, 1.04)))
    if not speckle:
        return clouds
    specks = r.ramp(r.noise(58, 1.5), (0.665 - 0.03 * speckle, 0.0), (0.70, 1.0))
    return r.mix(r.sum(specks, 0.8, "MULTIPLY"), clouds, shade(colour, 0.42))


def glaze(colour, clay="#b08a66", gloss=0.6, speckle=0.5, foot=0.05, rim=0.985):
    """Stoneware, glazed: bare clay at the foot, and thin over the rim, where the clay shows through."""
    r = Recipe("glaze", IOR=1.5)
    body = mottled(r, colour, speckle)
    height = r.sum(r.axis("Z"), r.sum(r.sum(r.noise(2.2, 2), -0.5), 0.035, "MULTIPLY"))
    thin = r.ramp(height, (rim - 0.02, 0.0), (rim + 0.008, 0.75))
    bare = r.ramp(height, (max(0.0, foot - 0.006), 1.0), (foot + 0.004, 0.0))
    coloured = r.mix(bare, r.mix(thin, body, shade(clay, 0.85)), r.ramp(r.noise(30, 4), (0.3, shade(clay, 0.88)), (0.7, clay)))
    rough = r.sum(0.62 - 0.4 * gloss, r.sum(bare, 0.4, "MULTIPLY"))
    skin = r.sum(r.noise(5, 3), r.sum(r.noise(90, 2), 0.06, "MULTIPLY"))
    return r.pour(Base_Color=coloured, Roughness=rough, Coat_Weight=0.5 * gloss, Coat_Roughness=0.12,
                  Normal=r.bump(skin, 0.16, 0.05))


def bisque(colour, speckle=0.25):
    """Clay as it comes from the first firing: dry, matt, a little sandy."""
    r = Recipe("bisque", Roughness=0.9)
    grain = r.sum(r.noise(120, 3), r.noise(14, 4))
    return r.pour(Base_Color=mottled(r, colour, speckle), Normal=r.bump(grain, 0.22, 0.02))


def poured(colour, line, clay="#a98663", speckle=0.5, edge=0.1):
    """Two glazes that meet in a tide line."""
    r = Recipe("poured", Roughness=0.34, Coat_Weight=0.3, Coat_Roughness=0.12)
    shore = r.sum(r.sum(r.axis("X", "Object"), r.sum(r.axis("Y", "Object"), 0.55, "MULTIPLY")),
                  r.sum(r.noise(1.5, 2, distortion=0.3), 0.5, "MULTIPLY"))
    wash = r.ramp(shore, (0.30, 0.0), (0.318, 1.0))
    foam = r.ramp(shore, (0.285, 0.0), (0.309, 1.0), (0.35, 0.0))
    body = r.mix(wash, mottled(r, colour, speckle), mottled(r, line, 0.3))
    return r.pour(Base_Color=r.mix(r.sum(foam, 0.6, "MULTIPLY"), body, clay), Normal=r.bump(r.noise(5, 3), 0.12, 0.05))


@functools.lru_cache(None)
def wood(kind, axis=2):
    """Grain runs along one axis; every piece takes it from another place of the tree."""
    light, dark, pore = WOODS[kind]
    r = Recipe(kind, Roughness=0.5, Coat_Weight=0.08, Coat_Roughness=0.35)
    along = tuple(0.1 if i == axis else 1.0 for i in range(3))
    fine = tuple(0.035 if i == axis else 1.0 for i in range(3))
    tree = r.node("ObjectInfo").outputs["Random"]
    shift = r.node("CombineXYZ", {"X": r.sum(tree, 9.0, "MULTIPLY"), "Y": r.sum(tree, 17.0, "MULTIPLY")}).outputs[0]

    def grain(stretch, scale, detail, distortion=0.0):
        at = r.node("VectorMath", {0: r.where(stretch), 1: shift}, operation="ADD").outputs[0]
        return r.node("TexNoise", {"Vector": at, "Scale": scale, "Detail": detail, "Distortion": distortion}).outputs[0]

    rings = r.ramp(grain(along, 4.5, 5, 0.6), (0.3, dark), (0.68, light))
    pores = r.ramp(grain(fine, 60, 3), (0.34, 1.0), (0.46, 0.0))
    return r.pour(Base_Color=r.mix(r.sum(pores, 0.42, "MULTIPLY"), rings, pore),
                  Normal=r.bump(grain(fine, 60, 3), 0.12, 0.01))


WOODS = {
    "oak": ("#cda678", "#b48a5a", "#8a6238"),
    "walnut": ("#7d5638", "#573924", "#35210f"),
    "black": ("#2c2825", "#221f1d", "#131110"),
    "ash": ("#dcc5a0", "#c9ae85", "#a58860"),
}


def metal(colour, roughness=0.28, patina=0.12):
    r = Recipe("metal", Metallic=1.0)
    cloud = r.noise(3.5, 5)
    tone = r.ramp(cloud, (0.32, shade(colour, 1 - 1.6 * patina)), (0.65, colour))
    rough = r.sum(roughness - 0.08, r.sum(cloud, 0.2, "MULTIPLY"))
    return r.pour(Base_Color=tone, Roughness=rough, Normal=r.bump(r.noise(70, 3), 0.05, 0.01))


def brass():
    return metal("#c9a878", 0.3)


def blackened():
    return metal("#4a4540", 0.42, 0.2)


def paint(colour, roughness=0.55):
    return Recipe("paint", Base_Color=linear(colour), Roughness=roughness).material


def weave(colour, other=None, threads=110, coarse=0.5, stripes=None, long=1.0):
    """Cloth by its UV map, `long` times as long as wide: warp and weft as bump, slubs as colour. `stripes`: (from, to) along V."""
    r = Recipe("weave", Roughness=0.95, Sheen_Weight=0.25, Sheen_Roughness=0.5)
    other = other or shade(colour, 0.86)
    slub = r.noise(threads * 0.5, 2, (0.06, long, 1), "UV")
    slub = r.sum(slub, r.noise(threads * 0.5, 2, (1, 0.06 * long, 1), "UV"))
    tone = r.ramp(r.sum(slub, 0.5, "MULTIPLY"), (0.36, shade(colour, 0.88)), (0.62, shade(colour, 1.05)))
    for start, end in stripes or []:
        v = r.axis("Y", "UV")
        inside = r.sum(r.sum(v, start, "GREATER_THAN"), r.sum(v, end, "LESS_THAN"), "MULTIPLY")
        tone = r.mix(inside, tone, other)
    warp = r.wave(threads / 6.28, coordinates="UV", direction="X", distortion=0.6)
    weft = r.wave(threads / 6.28, (1, long, 1), "UV", 0.6, "Y")
    relief = r.sum(r.sum(warp, weft, "MAXIMUM"), r.sum(slub, 1.2, "MULTIPLY"))
    return r.pour(Base_Color=tone, Normal=r.bump(relief, coarse, 0.012))


def wool(colour, other=None, stripes=None, long=1.0):
    """Thick yarn: like `weave`, but coarse and soft at its edges."""
    material = weave(colour, other, 84, 0.75, stripes, long)
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Sheen Weight"].default_value, shader.inputs["Sheen Roughness"].default_value = 0.7, 0.7
    return material


def glow(colour, strength, skin=None):
    """A shade with a lamp inside: lit through, and still a thing of cloth or glass."""
    r = Recipe("glow", Base_Color=linear(skin or colour), Roughness=0.7)
    return r.pour(Emission_Color=linear(colour), Emission_Strength=strength)


def lit_shade(colour, strength):
    """Linen with a bulb behind it: brightest a little below the middle."""
    r = Recipe("shade", Base_Color=linear("#e9dcc6"), Roughness=0.95)
    height = r.axis("Z")
    hot = r.ramp(height, (0.0, 0.62), (0.42, 1.0), (1.0, 0.5))
    slub = r.ramp(r.noise(60, 3, (1, 1, 0.05)), (0.3, 0.82), (0.7, 1.0))
    level = r.sum(r.sum(hot, slub, "MULTIPLY"), strength, "MULTIPLY")
    return r.pour(Emission_Color=linear(colour), Emission_Strength=level, Normal=r.bump(r.noise(80, 2, (1, 1, 0.1)), 0.3, 0.01))


def wax():
    return Recipe("wax", Base_Color=linear("#efe6d4"), Roughness=0.45, Subsurface_Weight=0.0, Coat_Weight=0.1).material


def thin_glass(tint="#f4f8f6"):
    """A thin wall: mostly clear, a mirror at its edge. Clear glass would cost ten times the samples."""
    r = Recipe("glass")
    edge = r.ramp(r.node("LayerWeight", {"Blend": 0.5}).outputs["Facing"], (0.0, 0.05), (0.75, 0.1), (1.0, 0.42))
    clear = r.node("BsdfTransparent", {"Color": linear(tint)}).outputs[0]
    mirror = r.node("BsdfGlossy", {"Color": (1, 1, 1, 1), "Roughness": 0.02}).outputs[0]
    both = r.node("MixShader", {"Fac": edge}).outputs[0]
    mixer = both.node
    r.tree.links.new(clear, mixer.inputs[1])
    r.tree.links.new(mirror, mixer.inputs[2])
    r.tree.links.new(both, r.tree.nodes["Material Output"].inputs["Surface"])
    return r.material


def leaf(colour="#6f7d5c"):
    r = Recipe("leaf", Roughness=0.6)
    tree = r.node("ObjectInfo").outputs["Random"]
    return r.pour(Base_Color=r.ramp(tree, (0.0, shade(colour, 0.8)), (1.0, shade(colour, 1.15))))


def paper(colour="#efe7da"):
    return Recipe("paper", Base_Color=linear(colour), Roughness=0.95).material
