"""The table of the best runs, the counts against the planted ones, and the bars."""
import json, sys

data = sys.argv[1]
best = {}
for line in open(f"{data}/out/runs.txt"):
    tool, file, wall, user, system, memory = line.split()
    run = (float(user) + float(system), float(wall), int(memory) / 1000)
    known = best.get((tool, file), run)
    best[tool, file] = tuple(map(min, run, known))
peers = sorted({tool for tool, _ in best} - {"decode", "proofmark"}, key=lambda tool: best[tool, "trips.parquet"])

for file in ("trips.parquet", "trips.csv", "tiny.parquet", "start"):
    own = best["proofmark", file]
    print(f"\n{file}\n| Tool | CPU s | Wall s | Peak MB | Our CPU | Our memory |\n|---|---|---|---|---|---|")
    for tool in ("proofmark", *peers, "decode"):
        if (tool, file) in best:
            cpu, wall, memory = best[tool, file]
            shares = f"{own[0] / max(cpu, 0.01):.2f} | {own[2] / memory:.2f}"
            print(f"| {tool} | {cpu:.2f} | {wall:.2f} | {memory:.0f} | {shares} |")
print()

planted = json.load(open(f"{data}/trips.parquet.expected.json"))["offending_rows"]
report = json.load(open(f"{data}/out/proofmark.trips.parquet.log"))
failing = {
    e["requirement"] + ":" + e["subject"].get("column", {}).get("column", ""): e["failing_rows"]["count"]
    for e in report["evidence"]
    if e["outcome"] == "not_met" and "failing_rows" in e
}
print(failing, planted)
wrong = [k for k in ("email_bad", "vendor_bad", "dropoff_before", "zone_orphan") if planted[k] not in failing.values()]

bars = []
for file, share in (("trips.parquet", 0.6), ("trips.csv", 0.7)):
    peer, own = min(best[tool, file][0] for tool in peers), best["proofmark", file][0]
    bars.append((f"{file}: CPU {own:.2f} s, best peer {peer:.2f} s, share {own / peer:.2f} (at most {share})", own <= share * peer))
decode = best["decode", "trips.parquet"][0]
own, _, memory = best["proofmark", "trips.parquet"]
# The digest of the whole file and keys that go to disk are among it.
bars.append((f"trips.parquet: {own / decode:.2f} times a bare decode of the needed columns (at most 1.6)", own <= 1.6 * decode))
peer = min(best[tool, "trips.parquet"][2] for tool in peers)
bars.append((f"trips.parquet: peak memory {memory:.0f} MB, share {memory / peer:.2f} (at most 500 and 0.4)", memory <= min(500, 0.4 * peer)))
tiny = best["proofmark", "tiny.parquet"][0]
bars.append((f"tiny.parquet: CPU {1000 * tiny:.0f} ms (at most 40)", tiny <= 0.04))
for text, held in bars:
    print("ok  " if held else "OVER", text)
sys.exit(bool(wrong) or not all(held for _, held in bars))
