"""Raw PNG to AVIF and WebP in each width. `python convert.py --raw DIR --out DIR`; needs Pillow 11.3, not Blender."""
import argparse
import pathlib

from PIL import Image

WIDTHS = {"square": (320, 640, 960), "wide": (800, 1600)}


def convert(path, out):
    picture = Image.open(path).convert("RGB")
    widths = WIDTHS["square" if picture.width == picture.height else "wide"]
    for width in widths:
        size = (width, round(picture.height * width / picture.width))
        small = picture if size == picture.size else picture.resize(size, Image.LANCZOS)
        small.save(out / f"{path.stem}-{width}.avif", quality=74, speed=4)
        small.save(out / f"{path.stem}-{width}.webp", quality=82, method=6)


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--raw", type=pathlib.Path, required=True)
    ask.add_argument("--out", type=pathlib.Path, required=True)
    told = ask.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(told.raw.glob("*.png")):
        last = max(told.out.glob(f"{path.stem}-*.webp"), key=lambda p: p.stat().st_mtime, default=None)
        if last is None or last.stat().st_mtime < path.stat().st_mtime:
            convert(path, told.out)


if __name__ == "__main__":
    main()
