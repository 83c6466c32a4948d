// Reads workflow commands as GitHub's runner does and has the official toolkit issue the same
// annotations: both must say the same. Usage: node commands.mjs <report.github.txt>...
import { readFileSync } from "node:fs";
import path from "node:path";
import { error, notice, warning } from "@actions/core";

// actions/runner, ActionCommand.TryParseV2: white space before `::` counts for nothing, the first `::`
// after it ends the properties, and `%` escapes are undone in the order the runner undoes them.
function read(line) {
  const found = /^\s*::([^ :]+)(?: (.*?))?::(.*)$/s.exec(line);
  if (!found) return null;
  const [, name, properties = "", data] = found;
  const undo = (text, escapes) => escapes.reduce((it, [from, to]) => it.replaceAll(from, to), text);
  const ofData = [["%0D", "\r"], ["%0A", "\n"], ["%25", "%"]];
  const ofProperty = [["%0D", "\r"], ["%0A", "\n"], ["%3A", ":"], ["%2C", ","], ["%25", "%"]];
  const pairs = properties.split(",").map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return {
    name,
    data: undo(data, ofData),
    properties: Object.fromEntries(pairs.map(([key, value]) => [key, undo(value, ofProperty)])),
  };
}

function issued({ name, data, properties }) {
  const write = process.stdout.write;
  let text = "";
  process.stdout.write = (chunk) => { text += chunk; return true; };
  const number = (value) => (value === undefined ? undefined : Number(value));
  try {
    ({ error, notice, warning })[name](data, {
      title: properties.title, file: properties.file,
      startLine: number(properties.line), startColumn: number(properties.col),
    });
  } finally {
    process.stdout.write = write;
  }
  return text.replace(/\n$/, "");
}

const sorted = (command) => JSON.stringify(command && {
  ...command, properties: Object.entries(command.properties).sort(),
});
const problems = [];
let count = 0;
for (const file of process.argv.slice(2)) {
  const lines = readFileSync(file, "utf8").split("\n").filter((line) => /^\s*::/.test(line));
  for (const line of lines) {
    count += 1;
    const ours = read(line);
    if (!ours || !["error", "warning", "notice"].includes(ours.name)) {
      problems.push(`${path.basename(file)}: ${line.slice(0, 100)}`);
      continue;
    }
    const theirs = read(issued(ours));
    if (sorted(ours) !== sorted(theirs)) {
      problems.push(`${path.basename(file)}: ${line.slice(0, 100)} is not ${sorted(theirs)?.slice(0, 100)}`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`${count} workflow commands, ${problems.length} problems`);
process.exit(problems.length === 0 && 0 < count ? 0 : 1);
