import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CommanderError } from "commander";
import { readOptions, serve } from "../../../local/commands/cloud";

describe("The options of npm run cloud", () => {
  it("have defaults that serve on the usual port at the wall's speed", () => {
    expect(readOptions([], "/home")).to.deep.equal({
      port: 4566,
      speed: 1,
      watch: false,
      outputs: undefined,
      programs: [],
      empty: false,
      state: undefined,
      region: undefined,
      models: { directory: "/home" },
      faults: undefined,
      json: false,
    });
  });

  it("tell apart what serves every model, what serves those of one image, and a variable before a command", () => {
    const argv = ["--empty", "--state", "s", "--region", "eu-west-1"];
    const commands = [
      "DEVICE=cpu python serve.py",
      "ocr:1=node ocr.js --a=b",
      "0123.dkr.ecr.us-east-1.amazonaws.com/tei:2=text-embeddings",
    ];

    const { empty, state, region, models } = readOptions([...argv, ...commands.flatMap((each) => ["--model-command", each])], "/home");

    expect({ empty, state, region, models }).to.deep.equal({
      empty: true,
      state: "/home/s",
      region: "eu-west-1",
      models: {
        directory: "/home",
        command: "DEVICE=cpu python serve.py",
        byImage: { "ocr:1": "node ocr.js --a=b", "0123.dkr.ecr.us-east-1.amazonaws.com/tei:2": "text-embeddings" },
      },
    });
  });

  for (const [argv, words] of [
    [["--empty", "--watch"], "--watch deploys programs again, and --empty deploys none: leave one of them out"],
    [["--state", "s", "--speed", "20"], "--state keeps times, which a clock at another --speed would run ahead of: leave one of them out"],
    [["--region", "Ireland"], "--region: got Ireland; expected the name of a region, such as eu-west-1"],
  ] as const) {
    it(`refuse ${argv.join(" ")} before anything starts`, () => {
      expect(() => readOptions(argv, "/")).to.throw(CommanderError, words);
    });
  }

  it("pair each further program with its stack, from where the user is", () => {
    const argv = [
      "--program",
      "a",
      "--stack",
      "dev",
      "--port",
      "0",
      "--program",
      "/srv/b",
      "--stack",
      "test",
      "--speed",
      "20",
      "--outputs",
      "o.json",
    ];

    expect(readOptions(argv, "/")).to.deep.equal({
      port: 0,
      speed: 20,
      watch: false,
      outputs: "/o.json",
      json: false,
      programs: [
        { directory: "/a", stack: "dev" },
        { directory: "/srv/b", stack: "test" },
      ],
      empty: false,
      state: undefined,
      region: undefined,
      models: { directory: "/" },
      faults: undefined,
    });
  });

  it("refuse a file for the outputs that can't be written, before anything is deployed", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "outputs-"));
    const refused = (file: string) => {
      try {
        readOptions(["--outputs", file], directory);
        return undefined;
      } catch (error) {
        return (error as CommanderError).message;
      }
    };
    try {
      expect(refused("nodir/x.json")).to.equal(
        `error: --outputs: got nodir/x.json, and there is no folder ${directory}/nodir: make it, or name a file in another`,
      );
      expect(refused(".")).to.equal("error: --outputs: got ., which is a folder: name a file");
      expect(refused("x.json")).to.equal(undefined);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("take a plan of faults, and tell what is wrong with it", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "faults-"));
    try {
      writeFileSync(path.join(directory, "plan.json"), JSON.stringify({ faults: [{ kind: "two-sweepers", atSeconds: 60 }] }));
      expect(readOptions(["--faults", "plan.json"], directory).faults).to.deep.equal({
        seed: 1,
        jobs: 50,
        faults: [{ kind: "two-sweepers", atSeconds: 60, durationSeconds: 60, minutes: 15 }],
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("say of an empty cloud how others deploy to it, by a command that is found from where it was started", async () => {
    const { log } = console;
    const printed: string[] = [];
    console.log = (text: string) => {
      printed.push(text);
      if (text.includes("Serving on")) process.emit("SIGHUP");
    };
    try {
      await serve(readOptions(["--empty", "--port", "0", "--region", "eu-west-1"], "/home"), []);
    } finally {
      console.log = log;
    }
    expect(printed.join("\n")).to.match(
      /^Pulumi and Terraform with: npx sagemaker-async local env --pulumi \(or --terraform\) --port \d+ --region eu-west-1$/m,
    );
  });

  it("that no cloud can start with leave nothing behind which would keep the command from its end, or from a signal", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    // The test's own time limit is a timer from the next turn on.
    await new Promise(setImmediate);
    const before = { timers: timers(), listeners: process.listenerCount("SIGTERM") };
    const options = readOptions(["--empty", "--state", __filename, "--port", "0"], "/home");
    const failure = await serve(options, []).catch((error: unknown) => error);

    expect(failure).to.be.an.instanceOf(Error);
    expect(process.listenerCount("SIGTERM")).to.equal(before.listeners);
    // Another test's, of before, may run out meanwhile.
    expect(timers()).to.be.at.most(before.timers);
  });

  for (const [argv, message] of [
    [["--port", "http"], "error: option '--port <number>' argument 'http' is invalid. Expected a whole number from 0 to 65535."],
    [["--port", "70000"], "error: option '--port <number>' argument '70000' is invalid. Expected a whole number from 0 to 65535."],
    [["--speed", "0"], "error: option '--speed <factor>' argument '0' is invalid. Expected a whole number from 1 to 1000."],
    [["--program", "a"], "error: got 1 --program and 0 --stack: each program needs its own stack"],
    [["--prot", "1"], "error: unknown option '--prot'\n(Did you mean --port?)"],
    [["--faults", "nowhere.json"], "error: --faults: nowhere.json: no such file"],
    [["serve"], "error: too many arguments. Expected 0 arguments but got 1."],
  ] as const) {
    it(`are refused by name: ${argv.join(" ")}`, () => {
      expect(failure(() => readOptions(argv, "/home"))).to.equal(message);
    });
  }
});

/** The message of the usage error, whose printed form is kept off the test's own output. */
function failure(parse: () => unknown): string {
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = () => true;
  try {
    parse();
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  } finally {
    process.stderr.write = write;
  }
  throw new Error("accepted");
}
