import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pictureDirectory, pictureNames } from "../../docs/pictures";
import { terminalPicture } from "../../docs/terminalPicture";
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
    expect(svg).to.include('<tspan x="14.0" fill="#7cc38a">✔</tspan><tspan x="22.4"> a &lt;b> &amp; c</tspan>');
    expect(svg).to.not.include("waits");
    expect(svg).to.match(/^<svg [^>]* height="46" /);
  });
});
