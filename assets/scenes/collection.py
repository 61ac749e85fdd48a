"""The list: which picture shows what, in the order of importance."""
import clay
import clocks
import furniture
import lights
import stories
import textiles
import vessels
from palette import CLAY, INK, LINEN, MILK, MOSS, OAT, CELADON, all_over, celadon, chalk, ink, milk, ochre, rust, sand, sea, umber
from shots import hung, still, story


def onda(g):
    return still(lambda: vessels.onda(g()), 12)


def piega(g):
    return still(lambda: vessels.piega(g()), 18)


def colonna(tall):
    return still(lambda: vessels.colonna(all_over(MILK, 0.3)(), tall=tall))


def gemma(g):
    return still(lambda: vessels.gemma(g()))


def alba(colour):
    return still(lambda: vessels.alba(clay.glaze(colour, gloss=0.5, foot=0.1)), 20)


def marea(count=1):
    def stack():
        tide = clay.poured("#e0d8c9", "#5d7378")
        return [vessels.marea(tide, (0, 0, 0.1 * k)) for k in range(count)]

    return still(stack, 38 if count == 1 else 30, 0.8)


def sera(g):
    return still(lambda: vessels.sera(g(), turned=-28), 16)


def brocca(g):
    return still(lambda: vessels.brocca(g(), turned=12), 13)


def faro(g):
    return still(lambda: lights.faro(g(foot=0.04)), 10)


def coppia(metal):
    return still(lambda: lights.coppia(metal()), 13)


def luna(kind):
    return still(lambda: lights.luna(clay.wood(kind, 0)), 12)


def fungo(colour):
    return still(lambda: lights.fungo(all_over(colour)()), 8)


def tre(kind):
    return still(lambda: furniture.tre(kind), 17, 0.76)


def riva(kind):
    return still(lambda: furniture.riva(kind), 14, 0.78, turn=-32)


def piano(kind):
    return still(lambda: furniture.piano(kind), 18)


def scala(kind):
    return still(lambda: furniture.dressed(kind), 12, 0.78, turn=-24)


def ora(colour, rim, hands="#2b2622"):
    return hung(lambda: clocks.ora(clay.bisque(colour), clay.wood(rim, 0), hands))


def sosta(colour):
    return still(lambda: clocks.sosta(all_over(colour, 0.6, 0.5)()), 9, turn=-20)


def clessidra(kind, grains):
    return still(lambda: clocks.clessidra(kind, grains), 11)


def scatola(g, kind="oak"):
    return still(lambda: clocks.scatola(g(), kind), 17)


def lana(colour, stripe):
    return still(lambda: textiles.lana(colour, stripe), 17, turn=34)


def lino(colour):
    return still(lambda: textiles.lino(colour), 12, 0.66, turn=-8)


def tela(stripe):
    return hung(lambda: textiles.tela(LINEN, stripe), 0.8)


def passo(colour, stripe):
    return still(lambda: textiles.passo(colour, stripe), 24, turn=62)


MAINS = {
    "onda-vase-sand": onda(sand),
    "piega-vase-chalk": piega(chalk),
    "colonna-vase": colonna(2.4),
    "gemma-vase-celadon": gemma(celadon),
    "alba-bowl-milk": alba(MILK),
    "marea-plate": marea(),
    "sera-mug-ink": sera(ink),
    "brocca-jug-milk": brocca(milk),
    "faro-lamp-white": faro(milk),
    "coppia-candlestick-raw-brass": coppia(clay.brass),
    "luna-lamp-oak": luna("oak"),
    "fungo-lamp-clay": fungo(CLAY),
    "tre-stool-oak": tre("oak"),
    "riva-chair-oak": riva("oak"),
    "piano-table-oak": piano("oak"),
    "scala-shelf-oak": scala("oak"),
    "ora-clock-chalk": ora(MILK, "oak"),
    "sosta-clock-sage": sosta(CELADON),
    "clessidra-timer-oak": clessidra("oak", "#c4a088"),
    "scatola-jar-sand": scatola(sand),
    "lana-throw-oat": lana(OAT, "#85594a"),
    "lino-cushion-clay": lino(CLAY),
    "tela-towels-clay": tela(CLAY),
    "passo-rug-oat": passo("#c9b99c", "#6b5546"),
}

STORIES = {
    "story-breakfast": story(stories.breakfast),
    "story-ledge": story(stories.ledge),
    "story-evening": story(stories.evening),
}

VARIANTS = {
    "onda-vase-sea": onda(sea),
    "piega-vase-umber": piega(umber),
    "gemma-vase-clay": gemma(rust),
    "alba-bowl-slate": alba("#666b6b"),
    "sera-mug-clay": sera(rust),
    "faro-lamp-ochre": faro(ochre),
    "fungo-lamp-ink": fungo(INK),
    "tre-stool-walnut": tre("walnut"),
    "riva-chair-black": riva("black"),
    "lino-cushion-oat": lino(OAT),
    "brocca-jug-ink": brocca(ink),
    "ora-clock-clay": ora(CLAY, "walnut", "#efe8dc"),
    "lana-throw-clay": lana("#96604d", "#d8c8ae"),
    "colonna-vase-45-cm": colonna(3.5),
    "piano-table-walnut": piano("walnut"),
    "alba-bowl-oat": alba(OAT),
    "luna-lamp-walnut": luna("walnut"),
    "tela-towels-ink": tela("#3a444e"),
    "scatola-jar-ink": scatola(ink, "walnut"),
    "sosta-clock-clay": sosta(CLAY),
    "clessidra-timer-walnut": clessidra("walnut", "#cfc4b0"),
    "scala-shelf-black": scala("black"),
    "passo-rug-clay": passo("#935f4c", "#dccdb4"),
    "gemma-vase-ink": gemma(ink),
    "fungo-lamp-chalk": fungo(MILK),
    "coppia-candlestick-blackened": coppia(clay.blackened),
    "lino-cushion-moss": lino(MOSS),
    "marea-plate-28-cm": marea(4),
    "lana-throw-ink": lana("#434b52", "#cfc0a6"),
    "ora-clock-ink": ora(INK, "oak", "#e6d9c0"),
    "tre-stool-black": tre("black"),
}

DETAILS = {
    "onda-vase-branch": still(lambda: stories.branched(vessels.onda(sea()), (0, 0, 2.5), [(-0.8, 4.4), (0.7, 4.7), (1.1, 3.9)]), 10, 0.82),
    "alba-bowl-stack": still(stories.bowls, 16),
    "sera-mug-pair": still(stories.mugs, 15, 0.8),
    "gemma-vase-trio": still(stories.trio, 12, 0.8),
    "lino-cushion-pair": still(stories.cushions, 12, 0.8),
    "colonna-vase-rim": still(lambda: vessels.colonna(all_over(MILK, 0.3)()), 20, 1.7, sit=0.05),
    "lana-throw-close": still(lambda: textiles.lana(OAT, "#85594a"), 24, 1.35, turn=40),
    "riva-chair-seat": still(lambda: furniture.riva("oak"), 30, 1.45, turn=-32, sit=0.6),
}

PICTURES = {**MAINS, **STORIES, **VARIANTS, **DETAILS}
