import { expect } from "chai";
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { CloudUnderTest, root } from "../support/service";
import { run, temporaryFolder } from "./support";

/** Gives a command a terminal: util-linux's, whose options others do not have. */
const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") ?? false;

describe("sagemaker-async on a terminal", function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  let cloud: CloudUnderTest;

  before(async function () {
    if (!hasScript) return this.skip();
    cloud = await CloudUnderTest.start();
    const outputs = await cloud.deployOwn();
    const write = (name: string, content: unknown) => writeFileSync(path.join(folder.path, name), JSON.stringify(content));
    write("outputs.json", { endpointUrl: cloud.cloud.endpointUrl, outputs });
    write("echo.json", { text: "hello" });
    write("fails.json", { model: "error" });
    write("slow.json", { model: "slow", milliseconds: 5000 });
  });
  after(async () => {
    await cloud?.close();
    folder.remove();
  });

  /** Runs a command line in a terminal of its own. `keys` are typed once it has said `prompt`. */
  async function onTerminal(line: string, prompt?: string, keys?: string): Promise<{ code: number | null; screen: string }> {
    const command = `stty rows 40 cols 200; exec ${process.execPath} ${path.join(root, "build/cli/main.js")} ${line} --outputs outputs.json`;
    const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...environment } = process.env;
    const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: folder.path,
      env: { ...environment, TERM: "xterm-256color" },
    });
    let screen = "";
    let typed = false;
    child.stdout.on("data", (data: Buffer) => {
      screen += data.toString();
      if (typed || prompt === undefined || keys === undefined || !screen.includes(prompt)) return;
      typed = true;
      child.stdin.write(keys);
    });
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, screen };
  }

  it("shows jobs moving, then how each ended, in colours and with advice", async () => {
    const { code, screen } = await onTerminal("submit echo.json fails.json --wait --display-results");
    const plain = stripVTControlCharacters(screen).replaceAll("\r", "");

    expect(code).to.equal(1);
    expect(plain).to.match(/Waiting: .*completed/);
    expect(plain).to.match(/✔ [0-9A-Z]{26} {2}COMPLETED {2}echo\.json {2}.* m?s\n\{\n {2}"text": "hello"\n\}\n/);
    expect(plain).to.match(/✘ [0-9A-Z]{26} {2}FAILED {2}fails\.json {2}.*MODEL_ERROR: .*\n {2}Read the container's log/);
    expect(screen).to.include("\u001b[32mCOMPLETED\u001b[39m");
    expect(screen).to.include("\u001b[31mFAILED\u001b[39m");
  });

  it("aligns a list under its headings", async () => {
    const { code, screen } = await onTerminal("list");
    const [head, first] = stripVTControlCharacters(screen).split("\r\n");

    expect(code).to.equal(0);
    expect(head).to.match(/^JOB {23} {2}STATE {4,}ACCEPTED {16} {2}ENDED$/);
    expect(first?.slice(head?.indexOf("ACCEPTED"))).to.match(/^\S{23}Z {2}\S{23}Z$/);
  });

  it("leaves a job running at Ctrl-C, and prints how to come back", async () => {
    const { code, screen } = await onTerminal("submit slow.json --job-id left --wait", "slow.json: ", "\u0003");
    const later = await run(["wait", "left", "--outputs", "outputs.json"], { directory: folder.path });

    expect(code).to.equal(130);
    expect(stripVTControlCharacters(screen).replaceAll("\r", "")).to.match(
      /Interrupted: 1 job goes on\. Come back with:\n {2}sagemaker-async wait left --outputs outputs\.json\n$/,
    );
    expect(later.out).to.match(/^left\tCOMPLETED\t/);
  });
});
