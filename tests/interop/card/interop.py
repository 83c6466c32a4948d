"""Reads a card as the Hugging Face Hub's client does and compares it with the card's JSON.

    interop.py FOLDER      FOLDER holds README.md, card.json and card.html
"""

import json
import sys
from html.parser import HTMLParser
from pathlib import Path

import yaml
from huggingface_hub import ModelCard

ABSOLUTE = ("metric-threshold", "metric-recorded")
HUB_METRICS = {"brier": "brier_score", "mcc": "matthews_correlation", "r2": "r_squared"}


def front_matter(path):
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("---\n"), f"{path}: front matter does not begin at byte 0"
    return text.split("\n---\n", 1)[0][4:]


def visible(value):
    """What the card prints for a text: line ends as spaces, what hides or reorders spelt out."""
    if isinstance(value, list):
        return [visible(inner) for inner in value]
    if not isinstance(value, str):
        return value
    shown = ""
    for character in value:
        code = ord(character)
        hidden = code < 32 or 127 <= code < 160 or code == 0xFEFF
        hidden = hidden or any(a <= code <= b for a, b in ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069)))
        if character in "\n\r\t\u2028\u2029":
            shown += " "
        else:
            shown += f"[U+{code:04X}]" if hidden else character
    return shown


def strings(value):
    """Every scalar of a document that a person wrote as text."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield value


def check_metadata(folder, card):
    """YAML 1.1 reads every human value back as the text it was."""
    metadata = yaml.safe_load(front_matter(folder / "README.md"))
    about = card["about"]
    pairs = [("language", "language"), ("tags", "tags"), ("datasets", "datasets")]
    pairs += [("library_name", "library"), ("pipeline_tag", "pipeline_tag"), ("base_model", "base_model")]
    for key, ours in pairs:
        assert metadata.get(key) == visible(about.get(ours)), (key, metadata.get(key), about.get(ours))
    for scalar in strings({key: metadata.get(key) for key, _ in pairs}):
        assert scalar is None or isinstance(scalar, str), f"YAML 1.1 reads {scalar!r} as {type(scalar)}"
    return metadata


def check_results(folder, card):
    """The client parses the index, and its numbers are those of the card, bit for bit."""
    loaded = ModelCard.load(folder / "README.md")
    results = loaded.data.eval_results or []
    expected = {}
    for row in card["metrics"]:
        value = row["claim"].get("quantity", {}).get("value")
        if row["model"] == card["model"]["name"] and row["requirement"] in ABSOLUTE and isinstance(value, (int, float)):
            expected.setdefault(HUB_METRICS.get(row["metric"], row["metric"].replace("-", "_")), value)
    found = {result.metric_type: result.metric_value for result in results}
    assert found == expected, (found, expected)
    for result in results:
        assert result.dataset_name and result.task_type
        assert len(result.dataset_args["sha256"]) == 64
        assert result.source_url is None or result.source_url.startswith("https://")
    again = ModelCard(str(loaded))
    assert again.data.to_dict() == loaded.data.to_dict(), "the card does not survive the client's own round trip"
    return len(found)


class Page(HTMLParser):
    """Ids, references, images and whatever must not be there."""

    def __init__(self):
        super().__init__()
        self.ids, self.references, self.labels, self.problems = [], [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("script", "link", "iframe", "object", "embed", "img", "form"):
            self.problems.append(f"<{tag}>")
        for name, value in attributes.items():
            if name.startswith("on") or name in ("src", "srcset", "style"):
                self.problems.append(f"{tag} {name}")
            if name == "href" and not value.startswith(("#", "https://", "http://", "mailto:")):
                self.problems.append(f"href {value}")
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if attributes.get("href", "").startswith("#"):
            self.references.append(attributes["href"][1:])
        self.labels += attributes.get("aria-labelledby", "").split()
        if tag == "svg" and attributes.get("role") != "img" and attributes.get("aria-hidden") != "true":
            self.problems.append("svg without a role")


def check_page(folder):
    page = Page()
    page.feed((folder / "card.html").read_text(encoding="utf-8"))
    assert not page.problems, page.problems
    assert len(page.ids) == len(set(page.ids)), "ids are not unique"
    missing = set(page.references + page.labels) - set(page.ids)
    assert not missing, f"references to nothing: {missing}"


def main(folder):
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    check_metadata(folder, card)
    count = check_results(folder, card)
    check_page(folder)
    print(f"ok: {folder.name}: {count} metrics read by huggingface_hub equal card.json")


main(Path(sys.argv[1]))
