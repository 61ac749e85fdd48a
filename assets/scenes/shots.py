"""Ways to take a picture."""
import dataclasses
import typing

import studio


@dataclasses.dataclass
class Scene:
    build: typing.Callable
    wide: float = 1.0
    high: float = 1.0


def flat(things):
    for thing in things if isinstance(things, (list, tuple)) else [things]:
        if isinstance(thing, (list, tuple)):
            yield from flat(thing)
        else:
            yield thing


def still(make, rise=11.0, fill=0.72, turn=0.0, sit=0.49):
    """One product on paper, by daylight. Materials live in a scene, so `make` is called only when it is set."""

    def build():
        studio.backdrop()
        studio.daylight()
        studio.camera(rise)
        studio.compose(list(flat(make())), fill, turn, sit)

    return Scene(build)


def hung(make, fill=0.72):
    """One product on the wall."""

    def build():
        studio.wall()
        studio.walllight()
        studio.camera(0.0)
        studio.compose(list(flat(make())), fill, sit=0.51)

    return Scene(build)


def story(build):
    """A wide picture, 1600 by 1000 when a square one is 960."""
    return Scene(build, 1.6 / 0.96, 1 / 0.96)
