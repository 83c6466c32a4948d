"""Writes both documents of GitLab templates as files a schema can judge, with the inputs' defaults in place.

    python components.py DIRECTORY TEMPLATE...

The schema knows one document at a time, and no interpolation where it wants anything but text.
"""

import json
import pathlib
import re
import sys

from ruamel.yaml import YAML


def default(specification):
    """The default as JSON, or nothing for free text; for an empty list one item, as the schema wants."""
    value = specification.get("default", "given")
    if isinstance(value, str) and "options" not in specification:
        return None
    return json.dumps(["given"] if value == [] else value)


def write(directory, template):
    header, _, job = template.read_text().partition("\n---\n")
    name = f"{template.parents[1].name}-{template.parent.name}"
    (directory / f"{name}-inputs.yml").write_text(header + "\n")
    for identifier, specification in YAML(typ="safe").load(header)["spec"]["inputs"].items():
        value = default(specification)
        if value is not None:
            job = re.sub(rf"\$\[\[ inputs\.{identifier} ]]", lambda _, value=value: value, job)
    (directory / f"{name}-job.yml").write_text(job)


for path in sys.argv[2:]:
    write(pathlib.Path(sys.argv[1]), pathlib.Path(path))
