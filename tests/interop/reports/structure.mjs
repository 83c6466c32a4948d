// Renders Markdown reports with a second parser of GitHub's dialect (micromark) and compares the
// elements of each poisoned report with those of the report around a harmless word.
// Usage: node structure.mjs <directory of reports>
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

const directory = process.argv[2];
const read = (name) => readFileSync(path.join(directory, name), "utf8");
const isCut = (text) => /in the HTML and JSON reports\.|Left out to stay within/.test(text);

// The tags of a page with their attributes, but for `code`: what stands between backticks is shown so.
function elements(markdown) {
  const page = micromark(markdown, {
    allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()],
  });
  return (page.match(/<\/?[a-z!][^>]*>/gi) ?? []).filter((tag) => !/^<\/?code>$/.test(tag));
}

const harmless = elements(read("injection-harmless.md"));
const problems = [];
let count = 0;
for (const name of readdirSync(directory).filter((it) => /^injection-.*\.md$/.test(it))) {
  const text = read(name);
  const seen = elements(text);
  const known = new Set(harmless);
  for (const tag of seen.filter((it) => !known.has(it))) problems.push(`${name}: ${tag.slice(0, 100)}`);
  if (isCut(text)) continue;
  count += 1;
  // Text of nothing is left out with its line.
  const isNothing = /injection-(empty|space|only-hidden)\.md/.test(name);
  if (!isNothing && seen.join("") !== harmless.join("")) {
    const at = seen.findIndex((tag, index) => tag !== harmless[index]);
    problems.push(`${name}: ${seen[at]} in place of ${harmless[at]} at ${at}, ${seen.length} for ${harmless.length}`);
  }
}
for (const problem of problems) console.error(problem);
console.log(`${count} whole poisoned reports read by micromark, ${problems.length} problems`);
process.exit(problems.length === 0 && 100 < count ? 0 : 1);
