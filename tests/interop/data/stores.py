"""Validates objects of fake-gcs-server and of Azurite, which checks signatures.

    python stores.py PROOFMARK FOLDER gs SERVER
    python stores.py PROOFMARK FOLDER az SERVER
"""

import socket
import subprocess
import sys
import time
from pathlib import Path

from reader import Reader

PROGRAM, FOLDER, STORE, SERVER = sys.argv[1], Path(sys.argv[2]).resolve(), sys.argv[3], sys.argv[4]
# The account every Azurite has ("Use the Azurite emulator", Microsoft).
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
OBJECTS = {"base/a.csv": "x,y\n1,2\n", "base/name with ä.csv": "x\n7\n"} | {
    f"base/parts/day={index % 3}/part-{index:04}.csv": f"x\n{index}\n" for index in range(30)
}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def started(command, port):
    with (FOLDER / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    for _ in range(600):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    server.kill()
    sys.exit(f"{STORE}: the server does not come up\n{(FOLDER / 'server.log').read_text()}")


def google(port):
    for name, text in OBJECTS.items():
        path = FOLDER / "gs" / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    address = f"127.0.0.1:{port}"
    place = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-public-host", address]
    server = started([SERVER, *place, "-backend", "memory", "-data", str(FOLDER / "gs")], port)
    variables = {"GOOGLE_BASE_URL": f"http://{address}", "GOOGLE_SKIP_SIGNATURE": "true"}
    return server, Reader(PROGRAM, FOLDER, "gs://data", variables, "no secret")


def azure(port):
    from azure.storage.blob import BlobServiceClient

    place = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(FOLDER / "az")]
    server = started([SERVER, *place, "--silent", "--skipApiVersionCheck"], port)
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    client = BlobServiceClient(endpoint, credential=KEY)
    container = client.create_container("data")
    for name, text in OBJECTS.items():
        container.upload_blob(name, text)
    variables = {
        "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        "AZURE_STORAGE_ENDPOINT": endpoint,
    }
    return server, Reader(PROGRAM, FOLDER, "az://data", variables, KEY)


def main():
    server, reader = {"gs": google, "az": azure}[STORE](free_port())
    try:
        reader.reads("base/a.csv", 1)
        reader.reads("base/name with ä.csv", 1)
        reader.reads("base/parts/", 30)
        reader.reads("base/p*/day=1/*.csv", 10)
        reader.fails("base/gone.csv", "not found")
        reader.fails("base/gone/", "not found")
        if STORE == "az":
            wrong = "d3Jvbmcta2V5LXdyb25nLWtleQ=="
            reader.fails("base/a.csv", "not permitted", {"AZURE_STORAGE_ACCOUNT_KEY": wrong})
    finally:
        server.terminate()
        server.wait()
    sys.exit(reader.finish({"gs": "gs, fake-gcs-server", "az": "az, Azurite"}[STORE]))


if __name__ == "__main__":
    main()
