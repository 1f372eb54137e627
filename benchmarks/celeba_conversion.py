"""How fast is the zip of CelebA converted to arrays, and how much memory does that take?

    python benchmarks/celeba_conversion.py --faces 2000

It converts generated pictures of the size of CelebA's, 178 x 218 pixels and about 7 kB of JPEG, to
arrays of 128 and 64 pixels. The peer is a loop written without a library, which decodes with Pillow,
keeps all pictures in a list and saves them at the end. Sides alternate in one process. Figures are
medians over rounds with quartiles. Memory is the peak growth of a side, for a quarter of the
pictures and for all of them: a conversion in bounded memory needs the same for both.
"""

import argparse
import functools
import io
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from interleave import interleave, ratios, spread
from PIL import Image

from blogkit.report import environment, peak_growth
from data_download.conversions.celeba import SIZES, SOURCE_SIZE, SQUARE, convert_archive
from data_download.fetch import Transfer

REFERENCE = "Pillow loop"
DIFFERENT = 200  # distinct pictures; generating more takes longer


def main(arguments=None):
    options = parse(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as work:
        result = measure(Path(work), options.faces, options.rounds)
    about = f"{result['kilobytes']:.1f} kB each, {options.rounds} rounds, {os.cpu_count()} cores"
    print(f"{options.faces:,} pictures of 178 x 218, {about}")
    memory = "".join(f"{f'MB at {count:,}':>14}" for count in (options.faces // 4, options.faces))
    print(f"{'side':24}{'faces a second':>26}{'over ' + REFERENCE:>24}{memory}")
    for row in result["sides"]:
        memory = "".join(f"{'?' if size is None else f'{size / 1e6:.0f}':>14}" for size in row["bytes"])
        print(f"{row['side']:24}{row['rate']:>26}{row['ratio']:>24}{memory}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--faces", type=int, default=2000)
    add("--rounds", type=int, default=5)
    add("--folder", type=Path, help="folder for temporary pictures and arrays (the system's)")
    add("--json", type=Path, metavar="PATH", help="also write all figures to this file")
    return parser.parse_args(arguments)


def measure(work, faces, rounds):
    archives = {count: write_archive(work / str(count), count) for count in (faces // 4, faces)}
    makers = {
        REFERENCE: pillow_loop,
        "conversion": convert,
        "conversion, one worker": functools.partial(convert, workers=1),
    }
    # Memory first: later the allocator holds free memory, which would hide a peak.
    growth = {
        name: [peak_growth(lambda f=f, a=a: f(a)) for a in archives.values()]
        for name, f in reversed(makers.items())
    }
    seconds = interleave({name: functools.partial(f, archives[faces]) for name, f in makers.items()}, rounds)
    over = ratios(seconds, REFERENCE)
    rows = [
        {
            "side": name,
            "rate": f"{spread(faces / np.array(seconds[name]))}",
            "ratio": f"{over[name]}",
            "bytes": growth[name],
            "seconds": seconds[name],
        }
        for name in makers
    ]
    kilobytes = archives[faces][0].stat().st_size / faces / 1e3
    return {"environment": environment(), "faces": faces, "kilobytes": kilobytes, "sides": rows}


def write_archive(folder, count):
    """`(zip, partition)` of `count` pictures, in the format of MMLAB."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    pictures = [picture(rng) for _ in range(min(count, DIFFERENT))]
    archive, partition = folder / "img_align_celeba.zip", folder / "list_eval_partition.txt"
    with zipfile.ZipFile(archive, "w") as zipped:
        for number in range(count):
            zipped.writestr(f"img_align_celeba/{number + 1:06}.jpg", pictures[number % len(pictures)])
    partition.write_text("".join(f"{number + 1:06}.jpg {3 * number // count}\n" for number in range(count)))
    return archive, partition


def picture(rng):
    """A JPEG file with about as much detail as a photograph of a face."""
    coarse = rng.integers(0, 256, (14, 11, 3)).astype("uint8")
    smooth = np.asarray(Image.fromarray(coarse).resize(SOURCE_SIZE, Image.Resampling.BICUBIC), float)
    file = io.BytesIO()
    noisy = (smooth + rng.normal(scale=7, size=smooth.shape)).clip(0, 255).astype("uint8")
    Image.fromarray(noisy).save(file, "JPEG", quality=72)
    return file.getvalue()


def convert(source, workers=None):
    archive, partition = source
    folder = archive.parent / "arrays"
    convert_archive(
        archive, partition, folder, Transfer(say=lambda line: None), official=False, workers=workers
    )
    shutil.rmtree(folder)


def pillow_loop(source):
    """The same conversion with all arrays in memory."""
    archive, _ = source
    folder = archive.parent / "loop"
    folder.mkdir()
    rows = {size: [] for size in SIZES}
    with zipfile.ZipFile(archive) as zipped:
        for name in sorted(zipped.namelist()):
            with Image.open(io.BytesIO(zipped.read(name))) as image:
                cropped = image.convert("RGB").crop(SQUARE)
            for size in SIZES:
                rows[size].append(np.asarray(cropped.resize((size, size), Image.Resampling.BICUBIC)))
    for size in SIZES:
        np.save(folder / f"{size}.npy", np.stack(rows[size]))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
