"""The best runs as a table, and the bars held against them. Exits 1 when one is missed.

    python3 judge.py runs.txt
"""

import pathlib
import sys

CORES = 2
MEMORY_MB_MAX = 30


def best(path):
    """By tool and model: the least CPU seconds and wall seconds, and the most memory, of any run."""
    runs = {}
    for line in open(path, encoding="utf-8"):
        tool, model, wall, user, system, memory = line.split()
        cpu, wall, memory = float(user) + float(system), float(wall), int(memory)
        known = runs.setdefault((tool, model), (cpu, wall, memory))
        runs[tool, model] = (min(known[0], cpu), min(known[1], wall), max(known[2], memory))
    return runs


def main():
    path = pathlib.Path(sys.argv[1])
    runs = best(path)
    print("| tool | model | CPU s | wall s | memory MB |\n|---|---|---|---|---|")
    for (tool, model), (cpu, wall, memory) in sorted(runs.items()):
        print(f"| {tool} | {model} | {cpu:.3f} | {wall:.3f} | {memory / 1024:.0f} |")
    hashing = runs["proofmark", "large"][0] / runs["openssl", "large"][0]
    small = runs["proofmark", "small"][0]
    bars = [
        (f"whole files: {hashing:.2f} × the CPU of openssl, at most 1.1", hashing <= 1.1),
        (f"six files: {small * 1000:.0f} ms CPU, at most 20", small <= 0.020),
    ]
    for tool in ("shards", "blake3"):
        one, two = (runs[f"proofmark-{tool}-{cores}", "large"][1] for cores in (1, CORES))
        bars.append((f"{tool}: {one / two:.2f} × on {CORES} cores, at least {0.85 * CORES:.2f}", 0.85 * CORES <= one / two))
    size = sum(file.stat().st_size for file in (path.parents[1] / "tensors").iterdir()) / 1e9
    cpu, wall, _ = runs["proofmark-scan", "tensors"]
    bars.append((f"scan: {size / cpu:.2f} GB a second of CPU, at least 1", 1 <= size / cpu))
    bars.append((f"scan: {size / wall:.2f} GB a second, at least 1", 1 <= size / wall))
    for (tool, model), (_, _, memory) in sorted(runs.items()):
        if tool.startswith("proofmark"):
            holds = memory <= MEMORY_MB_MAX * 1024
            bars.append((f"{tool} on {model}: {memory / 1024:.0f} MB, at most {MEMORY_MB_MAX}", holds))
    for what, holds in bars:
        print(f"{'ok' if holds else 'MISSED'}  {what}")
    sys.exit(0 if all(holds for _, holds in bars) else 1)


if __name__ == "__main__":
    main()
