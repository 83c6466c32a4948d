// Reads actions and workflows with GitHub's own language service, the one behind its editors: schema,
// expressions, and for each `uses` of ours whether the inputs given are inputs of that action.
//
//   node language-service.mjs REPOSITORY FILE...      (bundled by run.sh)
//
// What it reports of any severity fails, and so does a mistake made on purpose that it does not report.
import { readFileSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { validate } from "@actions/languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";

const [repository, ...files] = process.argv.slice(2);

// Actions of this repository are read from it; others are taken as they are, and nothing is fetched.
const actionsMetadataProvider = {
  async fetchActionMetadata({ owner, name, path }) {
    if (owner !== "proofmark" || name !== "proofmark") return {};
    return parse(readFileSync(join(repository, path ?? "", "action.yml"), "utf8"));
  },
};

// The service remembers a file by its address, so that each text gets a folder of its own.
let texts = 0;
async function problems(path, text) {
  texts += 1;
  const uri = `file:///${texts}/${path.split(sep).join("/")}`;
  // The service asks for no action by its path, so those of this repository are named as others name them.
  const named = text.replace(/uses: \.\/(actions\/[a-z-]+)/g, "uses: proofmark/proofmark/$1@main");
  const document = TextDocument.create(uri, "yaml", 1, named);
  const found = await validate(document, { actionsMetadataProvider });
  return found.map(({ range, message }) => `${path}:${range.start.line + 1}: ${message}`);
}

// A mistake of each kind this test is here to find, in place of the words before the arrow.
const MISTAKES = {
  workflow: [
    ["runs-on:", "run-on:"],
    ["binary-path:", "binary-pth:"],
    ["steps.gate.outputs", "stepz.gate.outputs"],
  ],
  action: [
    ["using: composite", "using: compsite"],
    ["shell:", "shel:"],
    ["${{ inputs.version }}", "${{ inputz.version }}"],
  ],
};

async function main() {
  const wrong = [];
  for (const path of files) {
    const text = readFileSync(path, "utf8");
    wrong.push(...(await problems(path, text)));
    const kind = basename(path) === "action.yml" ? "action" : "workflow";
    for (const [right, mistake] of MISTAKES[kind]) {
      if (!text.includes(right)) continue;
      const found = await problems(path, text.replace(right, mistake));
      if (found.length === 0) wrong.push(`${path}: \`${mistake}\` was not found`);
    }
  }
  wrong.forEach((line) => console.error(line));
  if (wrong.length === 0) console.log(`language service: ${files.length} files`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

main();
