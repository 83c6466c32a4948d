"""The best runs as a table, and the bars held against them. Exits 1 when one is missed.

    python3 judge.py runs.txt
"""

import os
import sys

CORES = len(os.sched_getaffinity(0))


def best(path):
    """By tool and model: the least CPU seconds, wall seconds and memory of any run."""
    runs = {}
    for line in open(path, encoding="utf-8"):
        tool, model, wall, user, system, memory = line.split()
        figures = (float(user) + float(system), float(wall), int(memory))
        known = runs.setdefault((tool, model), figures)
        runs[tool, model] = tuple(map(min, known, figures))
    return runs


def main():
    runs = best(sys.argv[1])
    print("| tool | model | CPU s | wall s | memory MB |\n|---|---|---|---|---|")
    for (tool, model), (cpu, wall, memory) in sorted(runs.items()):
        print(f"| {tool} | {model} | {cpu:.2f} | {wall:.2f} | {memory / 1024:.0f} |")
    hashing = runs["proofmark", "large"][0] / runs["openssl", "large"][0]
    bars = [
        (f"whole files: {hashing:.2f} × the CPU of openssl, at most 1.1", hashing <= 1.1),
        (f"six files: {runs['proofmark', 'small'][0] * 1000:.0f} ms CPU, at most 20", runs["proofmark", "small"][0] <= 0.020),
    ]
    for tool in ("shards", "blake3"):
        speedup = runs[f"proofmark-{tool}-one-core", "large"][1] / runs[f"proofmark-{tool}", "large"][1]
        bars.append((f"{tool}: {speedup:.2f} × on {CORES} cores, at least {0.85 * CORES:.2f}", speedup >= 0.85 * CORES))
    for (tool, model), (_, _, memory) in sorted(runs.items()):
        if tool.startswith("proofmark"):
            bars.append((f"{tool} on {model}: {memory / 1024:.0f} MB, at most 30", memory <= 30 * 1024))
    for what, holds in bars:
        print(f"{'ok' if holds else 'MISSED'}  {what}")
    sys.exit(0 if all(holds for _, holds in bars) else 1)


if __name__ == "__main__":
    main()
