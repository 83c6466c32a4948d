"""The means of many runs of a command, as GNU time writes one: wall, user and system seconds, peak kB.

    python3 mean.py RUNS COMMAND...
"""

import resource
import subprocess
import sys
import time


def main():
    runs, command = int(sys.argv[1]), sys.argv[2:]
    begun = time.monotonic()
    for _ in range(runs):
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    wall, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{wall / runs:.4f} {used.ru_utime / runs:.4f} {used.ru_stime / runs:.4f} {used.ru_maxrss}")


if __name__ == "__main__":
    main()
