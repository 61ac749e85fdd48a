"""Renders what is missing. `python render.py --raw DIR [--only NAME] [--size 960] [--samples 20]`"""
import argparse
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import collection  # noqa: E402
import studio  # noqa: E402


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--raw", type=pathlib.Path, required=True)
    ask.add_argument("--only", action="append")
    ask.add_argument("--size", type=int, default=960)
    ask.add_argument("--samples", type=int, default=20)
    ask.add_argument("--limit", type=int, default=1000, help="stop after so many")
    ask.add_argument("--again", action="store_true")
    told = ask.parse_args()
    told.raw.mkdir(parents=True, exist_ok=True)
    done = 0
    for name, scene in collection.PICTURES.items():
        path = told.raw / f"{name}.png"
        if (told.only and name not in told.only) or (path.exists() and not told.again):
            continue
        if done == told.limit:
            break
        begin = time.time()
        studio.clear(told.samples, round(told.size * scene.wide), round(told.size * scene.high))
        scene.build()
        studio.shoot(path)
        done += 1
        print(f"{name}: {time.time() - begin:.0f} s", flush=True)


main()
