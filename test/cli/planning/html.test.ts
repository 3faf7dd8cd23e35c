import { expect } from "chai";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { planHtml } from "../../../cli/planning/html";
import type { PlanReport } from "../../../cli/planning/report";
import { newPage } from "../../support/browser";
import { temporaryFolder } from "../support";
import { madeReport } from "./madePlan";

describe("the HTML report of a plan", () => {
  const folder = temporaryFolder();
  const file = path.join(folder.path, "plan.html");
  let report: PlanReport;
  before(async () => {
    report = await madeReport();
    writeFileSync(file, planHtml([report]));
  });
  after(() => folder.remove());

  it("is one file below a megabyte, even of a week by the minute and three traces, and names no other", async () => {
    const html = planHtml([report, report, report]);
    expect(html.length).to.be.lessThan(1_000_000);
    expect(html.match(/(?:src|href)="(?!data:)[^"]*"/g)).to.equal(null);
  });

  it("shows a load's name and words as text, whatever they are", async () => {
    const name = '</script><img src=x onerror="document.title=1">';
    const page = planHtml([{ ...report, plan: { ...report.plan, load: { ...report.plan.load, name } } }]);
    expect(page).not.to.contain("<img");
  });

  it("draws every chart without asking the network, says what to set, and can be looked into", async () => {
    const opened = await newPage({ viewport: { width: 1280, height: 900 }, offline: true });
    const { page, errors } = opened;
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    expect(asked.filter((url) => !url.startsWith("data:"))).to.deep.equal([pathToFileURL(file).href]);
    expect(await page.evaluate("document.documentElement.dataset.drawn"), "instances, backlog, waits, days, candidates").to.equal("5");
    const drawn = `[...document.querySelectorAll(".u-over")].map((each) => each.getBoundingClientRect().width > 100)`;
    expect(await page.evaluate(drawn)).to.deep.equal([true, true, true, true, true]);
    expect(await page.locator("pre").innerText()).to.equal("pulumi config set idleSeconds 60\npulumi config set drain true");
    expect(await page.locator("h1").innerText()).to.equal("peak 60/hour, day curve, 60-180 s, 2 days");

    // Dragging over one chart of time looks closer at both.
    const over = await page.locator(".instances .u-over").boundingBox();
    const { x = 0, y = 0, width = 0 } = over ?? {};
    const labels = () => page.evaluate<string>(`[...document.querySelectorAll(".backlog canvas")].map((each) => each.toDataURL()).join()`);
    const before = await labels();
    await page.mouse.move(x + width * 0.3, y + 40);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + 40, { steps: 4 });
    await page.mouse.up();
    expect(await labels()).not.to.equal(before);
    await page.locator(".candidates .u-over").hover();
    expect(await page.locator(".picked").innerText()).to.match(/^(today|drain|idle|min).*: p95 .* USD a month/);
    expect(errors).to.deep.equal([]);
    await shot(page, "wide");
    await opened.close();
  });

  it("fits a phone, by night too", async () => {
    const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: "dark" } as const;
    const opened = await newPage(phone);
    const { page, errors } = opened;
    await page.goto(pathToFileURL(file).href);
    expect(await page.evaluate("document.documentElement.scrollWidth"), "nothing has to be scrolled sideways").to.equal(390);
    expect(errors).to.deep.equal([]);
    await shot(page, "phone");
    await opened.close();
  });

  /** Kept for whoever looks at the page: `PLAN_PICTURES=folder`. */
  async function shot(page: { screenshot(options: object): Promise<unknown> }, name: string): Promise<void> {
    const to = process.env["PLAN_PICTURES"];
    if (to !== undefined) await page.screenshot({ path: path.join(to, `plan-${name}.png`), fullPage: true });
  }
});
