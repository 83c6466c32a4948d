"""A model of 2 GiB as they are: three large files and two thousand small ones; one of six files; and 1 GiB of
tensors in files that are well formed.

    python3 gen.py --out DIRECTORY [--mib 2048]
"""

import argparse
import json
import pathlib
import random
import struct


def write(path, size, source, head=b""):
    """Bytes that no file system can compress away, and the same in every run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(head)
        while 0 < size:
            file.write(source.randbytes(min(size, 1 << 20)))
            size -= min(size, 1 << 20)


def safetensors_head(size, tensors=16):
    """The head of a file whose tensors of 16-bit numbers take `size` bytes."""
    each = size // tensors
    header = {
        f"layer.{index}.weight": {
            "dtype": "BF16",
            "shape": [each // 2],
            "data_offsets": [index * each, (index + 1) * each],
        }
        for index in range(tensors)
    }
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--mib", type=int, default=2048)
    arguments = parser.parse_args()
    source = random.Random(1)
    mib = arguments.mib << 20
    large, small = arguments.out / "large", arguments.out / "small"
    for name, share in (("model-1", 0.5), ("model-2", 0.31), ("model-3", 0.15)):
        write(large / f"{name}.safetensors", int(mib * share), source)
    for index in range(2000):
        write(large / "shards" / f"{index:04}.bin", int(mib * 0.04 / 2000), source)
    for index in range(6):
        write(small / f"{index}.bin", 1000, source)
    for index in range(4):
        path = arguments.out / "tensors" / f"model-{index}.safetensors"
        write(path, mib // 8, source, safetensors_head(mib // 8))


if __name__ == "__main__":
    main()
