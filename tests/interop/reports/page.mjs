// Opens HTML reports in a real browser and checks what only a browser knows: that nothing is run or
// loaded, that a phone needs no sideways scrolling, that every text can be read in both schemes, that
// axe-core finds nothing, and that the page can be read where Jenkins takes its style away.
// Usage: node page.mjs <chromium> <profile directory> <screenshot directory> <page.html>...
import puppeteer from "puppeteer-core";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [executablePath, userDataDir, shots, ...pages] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath,
  userDataDir,
  headless: true,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
  ],
});
const views = [
  { name: "light-1280", width: 1280, scheme: "light" },
  { name: "dark-1280", width: 1280, scheme: "dark" },
  { name: "light-360", width: 360, scheme: "light" },
  { name: "dark-360", width: 360, scheme: "dark" },
];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// Jenkins' default for files it serves from a workspace or an archive ("Configuring Content Security
// Policy"): no script, and no style that stands in the page itself.
const JENKINS = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';";
const problems = [];
// Poisoned reports are for no eye, and some are too long for a picture.
const isPoisoned = (file) => /^(injection-|crowd\.)/.test(path.basename(file));
for (const file of pages) {
  for (const view of views.filter((it) => !isPoisoned(file) || it.scheme === "light")) {
    for (const problem of await check(file, view)) {
      problems.push(`${path.basename(file)} ${view.name}: ${problem}`);
    }
  }
  if (isPoisoned(file)) continue;
  for (const width of [1280, 360]) {
    for (const problem of await checkUnderJenkins(file, width)) {
      problems.push(`${path.basename(file)} jenkins-${width}: ${problem}`);
    }
  }
}
await browser.close();
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages in up to ${views.length} views, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

async function check(file, view) {
  const page = await browser.newPage();
  const url = pathToFileURL(file).href;
  const found = [];
  page.on("request", (request) => {
    if (request.url() !== url) found.push(`requests ${request.url().slice(0, 120)}`);
  });
  page.on("console", (message) => found.push(`console: ${message.text()}`));
  page.on("dialog", (dialog) => { found.push("a dialog opened"); dialog.dismiss(); });
  await page.setViewport({ width: view.width, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.scheme }]);
  await page.goto(url);
  const stem = path.basename(file, ".html");
  if (!isPoisoned(file)) await page.screenshot({ path: path.join(shots, `${stem}-${view.name}.png`), fullPage: true });
  await page.evaluate(() => document.querySelectorAll("details").forEach((it) => { it.open = true; }));
  found.push(...(await page.evaluate(inspect)));
  if (!isPoisoned(file)) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate("axe.run(document)");
    found.push(...violations.map(({ id, nodes }) => `axe ${id}: ${nodes[0].html.slice(0, 120)}`));
  }
  await page.close();
  return found;
}

// As Jenkins serves a page unless its administrator relaxes the policy.
async function checkUnderJenkins(file, width) {
  const page = await browser.newPage();
  const url = "http://jenkins.example/report.html";
  const found = [];
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (request.url() !== url) {
      found.push(`requests ${request.url().slice(0, 120)}`);
      return request.abort();
    }
    return request.respond({
      contentType: "text/html; charset=utf-8", headers: { "Content-Security-Policy": JENKINS },
      body: readFileSync(file),
    });
  });
  await page.setViewport({ width, height: 800 });
  await page.goto(url);
  await page.screenshot({ path: path.join(shots, `${path.basename(file, ".html")}-jenkins-${width}.png`), fullPage: true });
  found.push(...(await page.evaluate(inspectBare)));
  await page.close();
  return found;
}

// Runs in a page without its style sheet: the order is that of the reader, and no drawing fills the
// window.
function inspectBare() {
  const found = [];
  if (getComputedStyle(document.querySelector(".verdict")).borderLeftWidth !== "0px") found.push("the style sheet is there");
  const heading = document.querySelector("h1").getBoundingClientRect();
  if (heading.top > 300) found.push(`the verdict stands ${Math.round(heading.top)} px down`);
  for (const drawing of document.querySelectorAll("svg")) {
    const { width, height } = drawing.getBoundingClientRect();
    if (600 < width || 600 < height) found.push(`a drawing of ${Math.round(width)} by ${Math.round(height)} px`);
  }
  return [...new Set(found)].slice(0, 20);
}

// Runs in the page.
function inspect() {
  const found = [];
  const root = document.documentElement;
  if (root.lang !== "en") found.push("no language");
  if (document.querySelector("script, iframe, object, embed, img, link, form")) found.push("active or loaded content");
  for (const element of document.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.name.startsWith("on")) found.push(`handler ${attribute.name}`);
    }
  }
  for (const link of document.querySelectorAll("a")) {
    if (!/^(#|https?:)/.test(link.getAttribute("href"))) found.push(`link to ${link.href}`);
  }
  if (window.innerWidth < root.scrollWidth) found.push(`${root.scrollWidth} px wide on ${window.innerWidth}`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) found.push("ids repeat");
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    if (!document.getElementById(link.getAttribute("href").slice(1))) found.push(`dead link ${link.getAttribute("href")}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    if (level + 1 < next) found.push(`heading ${next} after ${level}`);
    level = next;
  }
  for (const header of document.querySelectorAll("th")) {
    if (!header.scope) found.push("a header cell without scope");
  }

  const parse = (color) => {
    const parts = color.match(/[\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts.length === 4 ? parts[3] : 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.alpha === 1) return color.rgb;
    }
    return [255, 255, 255];
  };
  const opacity = (element) => {
    let product = element.closest("svg") ? Number(getComputedStyle(element).fillOpacity) : 1;
    for (let at = element; at; at = at.parentElement) product *= Number(getComputedStyle(at).opacity);
    return product;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.textContent.trim() === "" || element.closest("style, title, desc")) continue;
    const style = getComputedStyle(element);
    const color = element.closest("svg") ? style.fill : style.color;
    if (!color.startsWith("rgb")) continue;
    const behind = background(element);
    const seen = opacity(element) * parse(color).alpha;
    const rgb = parse(color).rgb.map((value, index) => value * seen + behind[index] * (1 - seen));
    const [a, b] = [luminance(rgb), luminance(behind)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)} of "${walker.currentNode.textContent.trim().slice(0, 40)}"`);
  }
  return [...new Set(found)].slice(0, 20);
}
