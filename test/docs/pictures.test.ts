import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pictureDirectory, pictureNames } from "../../docs/pictures";
import { readRecording } from "../../docs/recordTerminal";
import { terminalPicture, terminalRecording } from "../../docs/terminalPicture";
import { root } from "../support/service";

describe("the documentation's pictures", () => {
  const pages = ["README.md", ...readdirSync(path.join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? `docs/${name}` : []))];
  const shown = pages.flatMap((page) =>
    [...readFileSync(path.join(root, page), "utf8").matchAll(/!\[[^\]]+\]\([^)]*pictures\/([^)]+)\)/g)].map(([, name]) => name as string),
  );

  it("are all made by `npm run docs:pictures`, all there, and all shown", () => {
    expect([...new Set(shown)].sort()).to.deep.equal([...pictureNames].sort());
    expect(pictureNames.filter((name) => !existsSync(path.join(pictureDirectory, name)))).to.deep.equal([]);
    expect(readdirSync(pictureDirectory).sort()).to.deep.equal([...pictureNames].sort());
  });

  it("show a terminal's colours, what was drawn over, and nothing that a viewer would take for markup", async () => {
    const svg = await terminalPicture("waits\r\u001b[2K\u001b[32m✔\u001b[39m a <b> & c\n", 20, "A & B");

    expect(svg).to.include("<title>A &amp; B</title>");
    expect(svg).to.include('<tspan x="14.0" fill="#7cc38a">✔</tspan><tspan x="30.8">a &lt;b> &amp; c</tspan>');
    expect(svg).to.not.include("waits");
    expect(svg).to.match(/^<svg [^>]* height="46" /);
  });

  it("move as the terminal did, each row for as long as it stood; and stand at the end where a viewer wants no motion", async () => {
    const log = Buffer.from("Script started [COMMAND]\nrunning ✔\r\u001b[2Kdone\r\nnext");
    const recorded = readRecording(log, "1.0 8\n0.0 1\n0.05 2\n1.0 9\n30.0 6\n");
    const svg = await terminalRecording(recorded, 20, 3, "A run");

    expect(recorded.map(({ text }) => text)).to.deep.equal(["running ", "", "✔", "\r\u001b[2Kdone", "\r\nnext"]);
    // Of 16.05 seconds: a second, two more, of which the pause of half a minute is one, and the end's twelve.
    const rows = [...svg.matchAll(/<text y="(\d+)" class="([^"]+)"><tspan x="14.0">([^<]+)/g)].map(([, y, name, text]) => [y, name, text]);
    expect(rows).to.deep.equal([
      ["27", "past t0", "running ✔"],
      ["27", "t1", "done"],
      ["45", "t2", "next"],
    ]);
    expect(svg).to.include("@keyframes t0{0%{opacity:0}6.23%{opacity:1}12.77%{opacity:0}}");
    expect(svg).to.include("@keyframes t1{0%{opacity:0}12.77%{opacity:1}}.t1{animation:t1 16.1s step-end infinite}");
    expect(svg).to.include("@media (prefers-reduced-motion:reduce){text{animation:none!important}.past{opacity:0}}");
  });
});
