import { expect } from "chai";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { connect } from "node:net";
import { root } from "../support/service";
import { lines, run, start, temporaryFolder } from "./support";

const script = path.join(root, "build/test/cli/containerCheck/modelServer.js");
const server = (fault: string) => `"${process.execPath}" "${script}" ${fault}`;

describe("sagemaker-async check-container", () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  it("prints a line a check in a pipe, and ends with 1 when the service needs what does not hold", async () => {
    const { code, out, err } = await run(["check-container", "--command", server("never-answers"), "--timeout", "8"]);

    expect([code, err]).to.deep.equal([1, ""]);
    const rows = out.split("\n").map((line) => line.split("\t"));
    expect(rows.slice(0, 3).map(([verdict, check]) => [verdict, check])).to.deep.equal([
      ["holds", "start"],
      ["could not be checked", "/ping tells the truth"],
      ["does not hold", "answer"],
    ]);
    expect(out).to.include("\n\n1 hold, 1 do not, 7 could not be checked. The service needs: answer.\n");
  });

  it("ends with 0 when only what the service works without does not hold, and says so on its line and at the end", async () => {
    const { code, out } = await run(["check-container", "--command", server("cut-by-sigterm"), "--largest", "7MB"]);

    expect(code).to.equal(0);
    expect(out).to.include("does not hold\tSIGTERM\tadvice, the service does not need it: the request in flight was cut: ");
    expect(out).to.match(/\n\n\d+ hold, 1 do not, \d+ could not be checked\. The service works without: SIGTERM\.\n$/);
  });

  it("prints one document with --json", async () => {
    const { code, out, err } = await run(["check-container", "--url", "http://127.0.0.1:9/", "--timeout", "1", "--json"]);
    const [document, ...others] = lines(out);

    expect([code, err, others, document?.["holds"]]).to.deep.equal([1, "", [], false]);
    expect((document?.["findings"] as object[])[0]).to.deep.equal({
      check: "start",
      verdict: "does not hold",
      needed: true,
      seen: "Nothing listened on 127.0.0.1:9 for 1 s.",
      mend: "Start the server, and look at host and port of --url.",
    });
  });

  it("names everything that is wrong with the command line at once", async () => {
    writeFileSync(path.join(folder.path, "empty.json"), "");
    const args = ["--seconds", "5", "--content-type", "json", "--url", "https://127.0.0.1"];
    const nothing = await run(["check-container", ...args]);
    const files = await run(["check-container", "--command", "x", "--sample", "nowhere.png", "--slow-sample", "empty.json"], {
      directory: folder.path,
    });

    expect([nothing.code, nothing.err]).to.deep.equal([
      2,
      "error: --url: got https://127.0.0.1, expected http://…: SageMaker speaks plain HTTP to a container\n" +
        "       --seconds 5: expected --slow-sample or --sample as well: what the model computes for so long\n" +
        '       --content-type: got "json", expected a type such as application/json\n',
    ]);
    expect([files.code, files.err]).to.deep.equal([
      2,
      "error: nowhere.png: no such file\n       empty.json: is empty; an input has at least one byte\n",
    ]);
  });

  it("does not take two servers, nor none", async () => {
    const both = await run(["check-container", "--command", "x", "--url", "http://127.0.0.1:9"]);
    const none = await run(["check-container"]);

    expect([both.code, both.err]).to.deep.equal([2, "error: expected --command or --url, got both: one server is checked at a time\n"]);
    expect([none.code, none.err]).to.deep.equal([2, "error: expected --command or --url, got neither: one server is checked at a time\n"]);
  });

  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    it(`leaves nothing running behind ${signal}`, async () => {
      // The server says on a connection of its own that it runs: the connection ends with it.
      const port = 20_000 + Math.floor(Math.random() * 10_000);
      const listening = `require("net").createServer(() => undefined).listen(${port}, "127.0.0.1");`;
      const command = `"${process.execPath}" -e '${listening} setInterval(() => undefined, 1000)'`;
      const running = start(["check-container", "--command", command, "--timeout", "600"]);
      const socket = await connected(port);
      const gone = new Promise((resolve) => socket.once("close", resolve));
      running.signal(signal);
      const { code, err } = await running.ended;
      await gone;

      if (signal === "SIGINT") {
        expect([code, err]).to.deep.equal([130, "error: Interrupted after 0 checks. The server that it had started was ended.\n"]);
      } else expect(code).to.equal(null);
    });
  }
});

/** A connection to a port on which somebody will listen. */
async function connected(port: number) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const heard = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (heard) return socket.on("error", () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
