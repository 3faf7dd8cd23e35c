import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { ApplicationAutoScalingClient, PutScheduledActionCommand } from "@aws-sdk/client-application-auto-scaling";
import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { SageMakerAsyncClient } from "../../client";
import { pageDirectory, shownService, startConsole, type Console } from "../../console/server";
import { AdjustableClock } from "../../local/clock";
import { startCloudConsole, type CloudConsole } from "../../local/commands/console";
import { foundFunctions, foundServices } from "../../local/commands/foundServices";
import { outputNames, type AsyncInferenceOutputs } from "../../outputs";
import { standInJob, standInService } from "../../doubles/consoleService";
import { newPage } from "../support/browser";
import { Gate } from "../support/gate";
import { CloudUnderTest, root, testModel } from "../support/service";

const axe = readFileSync(path.join(root, "node_modules/axe-core/axe.min.js"), "utf8");

/** A file as somebody drops it. */
const file = (content: object | string, mimeType = "application/json") => ({
  name: `wish.${mimeType.split("/")[1]}`,
  mimeType,
  buffer: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
});

/** What axe finds wrong: rule and place. */
async function violations(page: Page, runOnly: object): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async (only) => {
    type Axe = { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    const { violations: found } = await (globalThis as unknown as { axe: Axe }).axe.run({ runOnly: only });
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  }, runOnly);
}

const options = { port: 0, onAddressUsed: () => undefined, invokedAs: "npx sagemaker-async" };
const everything = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

describe("the console's page in a browser", () => {
  let cloud: CloudUnderTest;
  let clock: AdjustableClock;
  let outputs: AsyncInferenceOutputs;
  let served: CloudConsole;
  let visit: Awaited<ReturnType<typeof newPage>>;
  let page: Page;
  let stateDirectory: string;
  const before_ = process.env["XDG_STATE_HOME"];

  before(async () => {
    stateDirectory = mkdtempSync(path.join(tmpdir(), "console-"));
    process.env["XDG_STATE_HOME"] = stateDirectory;
    clock = new AdjustableClock();
    cloud = await CloudUnderTest.start({ clock, faults: { seed: 1, jobs: 1, faults: [] } });
    clock.onChange((hasLeftWall) => hasLeftWall && cloud.cloud.renewFunctions());
    served = await startCloudConsole(cloud.cloud, clock, options);
    visit = await newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    page = visit.page;
  });
  after(async () => {
    await visit?.close();
    await served?.close();
    await cloud.close();
    rmSync(stateDirectory, { recursive: true });
    if (before_ === undefined) delete process.env["XDG_STATE_HOME"];
    else process.env["XDG_STATE_HOME"] = before_;
  });

  const go = (name: string) => page.click(`nav >> text=${name}`);
  /** Submits what a file says, as whoever drops it does, and shows its page. @returns its id */
  const drop = async (content: object | string, mimeType?: string): Promise<string> => {
    await go("Overview");
    await page.setInputFiles("input[type=file]", file(content, mimeType));
    await page.click(".notice >> text=Show it");
    await page.waitForSelector("article.job h1");
    return (await page.textContent("article.job h1")) as string;
  };
  const stateIs = (label: string) => page.waitForSelector(`.title .state >> text=${label}`);
  const text = async (selector: string) => (await page.textContent(selector)) ?? "";

  it("says on a cloud with nothing in it how to deploy, and shows a service as soon as there is one", async () => {
    await page.goto(served.address);
    await page.waitForSelector("section[aria-labelledby=h-terraform]");
    const { port } = new URL(cloud.cloud.endpointUrl);
    const said = await text("section[aria-labelledby=h-pulumi] pre");
    const found = await violations(page, everything);
    await go("Cloud");
    await page.waitForSelector("section[aria-labelledby=h-clock]");
    await go("Overview");
    outputs = (await cloud.deployFixture("grants", "test", testModel)) as unknown as AsyncInferenceOutputs;
    await page.waitForSelector(".figures");

    expect(said).to.equal(
      `npx sagemaker-async local env --pulumi --write Pulumi.dev.yaml --port ${port} --region us-east-1\npulumi up --stack dev`,
    );
    expect(found).to.deep.equal([]);
    expect(await text(".service")).to.equal("grants/test");
  });

  it("finds a service that was made over AWS's APIs by what its functions say, and no half of one", async () => {
    const made = cloud.cloud.functions().map((definition) => ({ ...definition, programDirectory: undefined }));
    const address = { endpointUrl: cloud.cloud.endpointUrl, region: cloud.cloud.region, accountId: cloud.cloud.accountId };
    const [service, ...others] = await foundServices({ ...address, functions: () => made });

    expect(others).to.deep.equal([]);
    const named = Object.fromEntries(outputNames.map((name) => [name, outputs[name]]));
    expect(service?.outputs).to.deep.equal({ ...named, alarmTopicArn: "" });
    const isFound = foundFunctions({ functions: () => made });
    const handlers = made.map(({ name }) => name).filter((name) => !isFound(name));
    expect(
      handlers.map((name) => name.replace(/-[0-9a-f]{7}$/, "")),
      "whose prints the terminal shows",
    ).to.deep.equal(["labels-completed-store", "labels-failed-tell"]);
    expect(await foundServices({ ...address, functions: () => made.filter(({ name }) => !name.includes("sweep")) })).to.deep.equal([]);
    expect(await foundServices({ ...address, functions: () => cloud.cloud.functions() })).to.deep.equal([]);
  });

  it("is let in by its address, says what is going on, and asks nobody else for anything", async () => {
    expect(page.url()).to.equal(`http://127.0.0.1:${new URL(served.address).port}/#/`);
    await page.waitForSelector(".sentence >> text=Nothing is open; 1 instance waits for work.");
    expect(await text("[data-figure=instances]")).to.equal("1 of 1");
    expect(await text("nav [aria-current=page]")).to.equal("Overview");
    expect([visit.errors, visit.elsewhere]).to.deep.equal([[], []]);
  });

  it("shows a job from the file that was dropped to its result, with its time line, logs and handlers", async () => {
    const jobId = await drop({ model: "slow", milliseconds: 300, text: "hello" });
    await stateIs("Completed");
    await page.waitForSelector("section[aria-labelledby=h-output] pre");

    expect(await text(".summary")).to.equal("The job completed.");
    expect(JSON.parse(await text("section[aria-labelledby=h-output] pre"))).to.deep.include({ text: "hello" });
    expect((await page.locator(".phases li").allTextContents()).map((each) => each.split(" ")[0])).to.include.members([
      "Accepted",
      "Running",
    ]);
    expect(await page.locator(".log h3").allTextContents()).to.satisfy((titles: string[]) =>
      titles.some((title) => title.startsWith("Handler store")),
    );
    await go("Jobs");
    expect(await text(`[data-job="${jobId}"] .state`)).to.equal("Completed");
  });

  it("leads from a job that failed to its reason and what to do, and shows markup of a model as text", async () => {
    await drop({ model: "error", message: "out of memory <b id=markup>now</b>" });
    await stateIs("Failed");
    await page.waitForSelector("section[aria-labelledby=h-what-the-model-said] pre");

    expect(await text(".title .code")).to.equal("MODEL_ERROR");
    expect(await text(".pairs")).to.include("What you can do");
    expect(await text("section[aria-labelledby=h-what-the-model-said] pre")).to.include("<b id=markup>now</b>");
    expect(await page.locator("#markup").count()).to.equal(0);

    await drop("<script>document.title = 'taken over'</script>", "text/html");
    await stateIs("Completed");
    await page.waitForSelector("section[aria-labelledby=h-output] pre");
    expect(await text("section[aria-labelledby=h-output] pre")).to.equal("<script>document.title = 'taken over'</script>");
    expect(await page.title()).to.not.equal("taken over");
  });

  it("cancels a job once somebody has confirmed what happens, by the keyboard alone", async () => {
    const gate = await Gate.start();
    const jobId = await drop(gate.input);
    await stateIs("Submitted");
    await page.focus("text=Cancel");
    await page.keyboard.press("Enter");
    const question = await text("dialog[open]");
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog[open]").count()).to.equal(0);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await stateIs("Cancelled");

    expect(question).to.include("Cancel this job?").and.include("has no way to stop an invocation");
    expect(await text("[role=status].notices")).to.include("Compute continues");
    expect(page.url()).to.match(new RegExp(`${jobId}$`));
    gate.open();
    await gate.close();
  });

  it("submits a job again as a new one", async () => {
    const jobId = await drop({ model: "echo", again: true });
    await stateIs("Completed");
    await page.click(".title >> text=Submit again");
    await page.click("dialog[open] >> text=Submit a new job");
    await page.waitForSelector(`article.job h1:not(:text-is("${jobId}"))`);
    await stateIs("Completed");

    expect(JSON.parse(await text("section[aria-labelledby=h-output] pre"))).to.deep.equal({ model: "echo", again: true });
  });

  it("switches a fault on, and puts the dead letter back that it leads to", async () => {
    await go("Cloud");
    const toggle = page.locator("label:has(b:text-is('delivery-failed')) input");
    await toggle.check();
    await page.waitForSelector("text=1 on");
    const jobId = await drop({ model: "echo", letter: true });
    await page.waitForSelector("nav .badge.bad");
    await go("Dead letters");
    await page.waitForSelector(`.letter:has-text("${jobId}")`);
    await go("Cloud");
    await toggle.uncheck();
    await page.waitForSelector("text=0 on");
    await go("Dead letters");
    await page.click(`.letter:has-text("${jobId}") >> text=Redrive`);
    await page.click("dialog[open] >> text=Put it back");
    await page.waitForSelector("[role=status] >> text=again.");
    await page.goto(`${page.url().split("#")[0]}#/jobs/${jobId}`);
    await stateIs("Completed");
  });

  it("lets the cloud's time pass faster, and says which statements decided the calls of its functions", async () => {
    await go("Cloud");
    await page.click("text=60 ×");
    await page.waitForSelector(".speed >> text=60 ×");
    expect(clock.speed).to.equal(60);
    await page.click("text=Real time");
    await page.waitForSelector(".speed", { state: "detached" });
    expect(clock.speed).to.equal(1);
    const from = clock.now();
    // The page may draw the run too late to be seen: it is over in less than a second.
    const arrival = () =>
      new Promise<void>((resolve) => {
        const stop = clock.onChange(() => {
          if (clock.speed !== 1) return;
          stop();
          resolve();
        });
      });
    const arrived = arrival();
    await page.click("text=+ 10 min");
    await arrived;
    expect(clock.now() - from).to.be.at.least(600_000);

    const chosen = (Math.floor(clock.now() / 60_000) + 4) * 60_000;
    const local = new Date(chosen - new Date(chosen).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    const there = arrival();
    await page.fill("input[name=to]", local);
    await page.click("text=Let it pass");
    await there;
    expect(clock.now()).to.be.within(chosen, chosen + 60_000);
    await page.fill("input[name=to]", "2020-01-01T00:00");
    await page.click("text=Let it pass");
    await page.waitForSelector(".notice.bad >> text=expected a time after");
    await page.click("[aria-label=Dismiss]");

    const row = page.locator("tr", { hasText: "dynamodb:UpdateItem" }).first();
    expect(await row.textContent()).to.match(/labels-[\w-]+dynamodb:UpdateItemtable\/labels-jobs-\w+[A-Z]\w+$/);
    expect(await text("section[aria-labelledby=h-programs]")).to.include("grants/test");
  });

  it("says what schedules change next", async () => {
    const client = new ApplicationAutoScalingClient(cloud.settings);
    const next = new Date(clock.now() + 3 * 3_600_000 + 60_000);
    await client.send(
      new PutScheduledActionCommand({
        ServiceNamespace: "sagemaker",
        ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
        ResourceId: `endpoint/${outputs.endpointName}/variant/${outputs.variantName}`,
        ScheduledActionName: "office",
        Schedule: `cron(${next.getUTCMinutes()} ${next.getUTCHours()} * * ? *)`,
        ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 4 },
      }),
    );
    client.destroy();
    await go("Scaling");
    await page.waitForSelector("section[aria-labelledby=h-scheduled-hours] li");

    expect(await text("section[aria-labelledby=h-scheduled-hours] li")).to.match(/: at least 1 runs, at most 4in (3|2) hcron\(/);
    expect(await text("section[aria-labelledby=h-what-happens-next]")).to.match(
      /By schedule, in (3|2) h \(.+\): at least 1 runs, at most 4\./,
    );
  });

  // Roles and names are the same in all colors.
  const contrast = { type: "rule", values: ["color-contrast"] };
  for (const [colorScheme, rules] of [
    ["light", everything],
    ["dark", contrast],
  ] as const) {
    it(`is readable in ${colorScheme} colors${rules === everything ? ", and usable with a screen reader" : ""}`, async () => {
      await page.emulateMedia({ colorScheme });
      const found: Record<string, string[]> = {};
      for (const name of ["Overview", "Scaling", "Cloud", "Dead letters", "Jobs"]) {
        await go(name);
        await page.waitForSelector("main section, main [role=table], main .figures");
        found[name] = await violations(page, rules);
      }
      await page.click(".row[data-job] a");
      await page.waitForSelector(".log");
      found["Job"] = await violations(page, rules);
      await page.click(".title >> text=Submit again");
      found["Question"] = await violations(page, rules);
      await page.keyboard.press("Escape");

      expect(Object.entries(found).filter(([, problems]) => problems.length > 0)).to.deep.equal([]);
    });
  }

  it("says that it has lost its server, and goes on by itself when that is back", async () => {
    const { port } = new URL(served.address);
    await served.close();
    await page.waitForSelector("[role=alert]");
    expect(await text("[role=alert]")).to.match(/^The page has lost its server/);
    served = await startCloudConsole(cloud.cloud, clock, { ...options, port: Number(port) });
    await page.waitForSelector(".live.live");
    await page.waitForSelector("[role=alert]", { state: "detached" });
  });

  it("shows a deployed service to a role that may explain it, and may do nothing else", async () => {
    const sts = new STSClient(cloud.settings);
    const RoleArn = `arn:aws:iam::${outputs.accountId}:role/explainer`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "page" })).finally(() => sts.destroy());
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const service = shownService({
      name: "prod",
      outputs,
      aws: { ...cloud.settings, credentials },
      pricePerHourUsd: () => 1,
      handlerLogGroups: () => Promise.reject(new Error("not asked here")),
    });
    const options = { key: new Uint8Array(32), pageDirectory: pageDirectory(), version: "1.0.0", services: () => [service] };
    const deployed: Console = await startConsole(options);
    const other = await newPage();
    const from = cloud.events.length;
    try {
      const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs });
      const { jobId } = await client.submit({ model: "echo" });
      await client.close();
      await other.page.goto(deployed.address);
      await other.page.waitForSelector(".charts");
      await other.page.click("nav >> text=Jobs");
      await other.page.click(`[data-job="${jobId}"] a`);
      await other.page.waitForSelector(".log");
      const denied = () => cloud.events.slice(from).flatMap((event) => (event.kind === "denied" ? [event.message] : []));

      expect(denied()).to.deep.equal([]);
      expect(await other.page.locator(".trouble").allTextContents()).to.deep.equal([]);
      expect(await other.page.locator("nav >> text=Cloud").count()).to.equal(0);
      await other.page.click(".title >> text=Submit again");
      await other.page.click("dialog[open] >> text=Submit a new job");
      await other.page.waitForSelector(".notice.bad");
      expect(await other.page.textContent(".notice.bad")).to.match(/not authorized|denied/i);
      expect(denied()).to.have.length.above(0);
    } finally {
      await other.close();
      await deployed.close();
      await service.client.close();
    }
  });

  it("scrolls through 10,000 jobs, reading and drawing what is seen", async () => {
    const standIn = standInService();
    const start = Date.now();
    for (let index = 0; index < 10_000; index++) standIn.jobs.push(standInJob(`job-${index}`, start - 10_000_000 + index * 1000));
    const many = await startConsole({
      key: new Uint8Array(32),
      pageDirectory: pageDirectory(),
      version: "1",
      services: () => [standIn.service],
    });
    const other = await newPage();
    try {
      await other.page.goto(many.address);
      await other.page.click("nav >> text=Jobs");
      await other.page.waitForSelector("[data-job=job-9999]");
      const first = await other.page.locator(".row[data-job]").count();
      await other.page.waitForFunction(() => {
        type Box = { scrollTop: number; scrollHeight: number } | null;
        const { document } = globalThis as unknown as { document: { querySelector(selector: string): Box } };
        const box = document.querySelector(".scroller");
        if (box) box.scrollTop = box.scrollHeight;
        return document.querySelector("[data-job=job-0]") !== null;
      });

      expect(first).to.be.below(60);
      expect(await other.page.locator(".row[data-job]").count()).to.be.below(60);
      expect(await other.page.textContent(".foot")).to.equal("10,000 jobs");
    } finally {
      await other.close();
      await many.close();
    }
  });

  it("has nothing to say in the browser's console after all that", () => {
    expect([visit.errors, visit.elsewhere]).to.deep.equal([[], []]);
  });
});
