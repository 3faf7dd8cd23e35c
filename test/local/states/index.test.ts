import * as sfn from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { keepInMemory } from "../../../local/kept";
import type { CloudContext, CloudEvent } from "../../../local/ports";
import { createStates } from "../../../local/states";
import { Executions, type Machine } from "../../../local/states/executions";
import { readDefinition } from "../../../local/states/definition";
import { TaskError, TaskTokens } from "../../../local/states/tokens";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";

const start = Date.UTC(2026, 0, 25, 22, 46);
const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:pages";

describe("task tokens in the embedded cloud", () => {
  let clock: VirtualClock;
  let tokens: TaskTokens;
  let token: string;
  const stop = new AbortController();
  const wait = (timeoutSeconds?: number, heartbeatSeconds?: number) =>
    tokens.wait([token], timeoutSeconds, heartbeatSeconds, stop.signal).catch((error: unknown) => error);
  const refused = (work: () => void) => {
    try {
      work();
    } catch (error) {
      return (error as Error).name;
    }
    return "taken";
  };

  beforeEach(() => {
    clock = new VirtualClock(start);
    tokens = new TaskTokens(clock);
    token = tokens.issue(stateMachineArn);
  });

  it("are answered once: who comes later is told that the task is over, and who has none that it is none", async () => {
    const waiting = wait();
    tokens.succeed(token, { jobId: "a" });

    expect(await waiting).to.deep.equal({ jobId: "a" });
    expect([refused(() => tokens.fail(token, "E", "")), refused(() => tokens.beat("none"))]).to.deep.equal([
      "TaskTimedOut",
      "InvalidToken",
    ]);
  });

  it("run out of time on the cloud's clock, and of signs of life", async () => {
    const late = wait(3600, 900);
    await clock.advance(899_000);
    tokens.beat(token);
    await clock.advance(899_000);
    tokens.beat(token);
    await clock.advance(900_000);
    expect(((await late) as TaskError).name).to.equal("States.HeartbeatTimeout");

    token = tokens.issue(stateMachineArn);
    const slow = wait(3600);
    await clock.advance(3_600_000);
    expect(((await slow) as TaskError).name).to.equal("States.Timeout");
  });

  it("are found in what a task passes on, wherever it is", () => {
    expect(tokens.within({ Payload: { nested: [{ token }] }, other: "x".repeat(80) })).to.deep.equal([token]);
  });
});

describe("state machines in the embedded cloud", () => {
  let cloud: TestCloud;
  let client: sfn.SFNClient;
  const definition = JSON.stringify({ StartAt: "Say", States: { Say: { Type: "Pass", Result: { said: true }, End: true } } });
  const roleArn = "arn:aws:iam::000000000000:role/workflow";

  before(async () => {
    cloud = await startTestCloud({ clock: new VirtualClock(start) });
    cloud.add(createStates(cloud.context));
    client = new sfn.SFNClient({ ...cloud.client, maxAttempts: 1 });
  });
  after(async () => {
    client.destroy();
    await cloud.close();
  });

  const create = (changes: Partial<sfn.CreateStateMachineCommandInput> = {}) =>
    client.send(new sfn.CreateStateMachineCommand({ name: "pages", definition, roleArn, ...changes }));
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => expect.fail("was accepted"),
      (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
    );

  it("run to their end, which is told with their output", async () => {
    expect((await create()).stateMachineArn).to.equal(stateMachineArn);
    const { executionArn } = await client.send(new sfn.StartExecutionCommand({ stateMachineArn, name: "first", input: "{}" }));
    expect(executionArn).to.equal("arn:aws:states:us-east-1:000000000000:execution:pages:first");
    await new Promise(setImmediate);
    const { status, output, startDate } = await client.send(new sfn.DescribeExecutionCommand({ executionArn }));

    expect([status, output, startDate?.getTime()]).to.deep.equal(["SUCCEEDED", '{"said":true}', start]);
    expect(await refusal(client.send(new sfn.StartExecutionCommand({ stateMachineArn, name: "first", input: '{"other":1}' })))).to.equal(
      `ExecutionAlreadyExists: Execution Already Exists: '${executionArn}'`,
    );
  });

  it("and executions have any name that Step Functions takes, dots and letters of any language included, and no other", async () => {
    const { stateMachineArn: arn } = await create({ name: "seiten.v2+é(1)" });
    const { executionArn } = await client.send(new sfn.StartExecutionCommand({ stateMachineArn: arn, name: "2026.01.25" }));
    expect(executionArn).to.equal("arn:aws:states:us-east-1:000000000000:execution:seiten.v2+é(1):2026.01.25");
    expect((await client.send(new sfn.DescribeStateMachineCommand({ stateMachineArn: arn }))).name).to.equal("seiten.v2+é(1)");
    expect([
      await refusal(create({ name: "a b" })),
      await refusal(client.send(new sfn.StartExecutionCommand({ stateMachineArn: arn, name: "a/b" }))),
      (await refusal(create({ name: "a".repeat(81) }))).split(":")[0],
    ]).to.deep.equal(["InvalidName: Invalid Name: 'a b'", "InvalidName: Invalid Name: 'a/b'", "ValidationException"]);
  });

  for (const [what, changed, expected] of [
    ["no JSON", "{", /^InvalidDefinition: Invalid State Machine Definition/],
    ["a state that leads nowhere", '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}', /^InvalidDefinition: .*B/],
    [
      "a task of another service",
      '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sns:publish","End":true}}}',
      /^NotImplemented: The embedded cloud does not support the resource arn:aws:states:::sns:publish of the state A/,
    ],
    [
      "JSONata",
      '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"}}}',
      /^NotImplemented: The embedded cloud does not support QueryLanguage JSONata/,
    ],
  ] as const) {
    it(`are refused with what can't be run: ${what}`, async () => {
      expect(await refusal(create({ name: "wrong", definition: changed }))).to.match(expected);
    });
  }

  it("are refused as express ones, which can wait for no token", async () => {
    expect(await refusal(create({ name: "fast", type: "EXPRESS" }))).to.match(/^ValidationException: .*'type'/);
  });
});

describe("executions in the embedded cloud", () => {
  const clock = new VirtualClock(start);
  const told: CloudEvent[] = [];
  let onEnd: () => void = () => undefined;
  const context = {
    clock,
    region: "us-east-1",
    accountId: "000000000000",
    keeper: keepInMemory(),
    endpointUrl: "http://127.0.0.1:1",
    credentialsFor: () => ({ accessKeyId: "a", secretAccessKey: "b" }),
    emit: (event: CloudEvent) => {
      told.push(event);
      if (event.kind === "execution" && event.change !== "started") onEnd();
    },
  } as unknown as CloudContext;
  const tokens = new TaskTokens(clock);
  const executions = new Executions(context, tokens);
  const machineOf = (definition: object): Machine => ({
    arn: stateMachineArn,
    name: "pages",
    roleArn: "r",
    definition: readDefinition(JSON.stringify(definition)),
  });
  const ended = () => new Promise<void>((resolve) => (onEnd = resolve));

  after(() => executions.close());

  it("fail with Lambda's error when a task's function can't be called", async () => {
    const Resource = "arn:aws:lambda:us-east-1:000000000000:function:none";
    const over = ended();
    const { arn } = executions.start(machineOf({ StartAt: "A", States: { A: { Type: "Task", Resource, End: true } } }));
    await over;

    expect([executions.find(arn).status, executions.find(arn).error?.startsWith("Lambda.")]).to.deep.equal(["FAILED", true]);
  });

  it("are stopped for good", async () => {
    const { arn } = executions.start(machineOf({ StartAt: "A", States: { A: { Type: "Wait", Seconds: 3600, End: true } } }));
    executions.stop(arn, "Enough", "asked for");
    await new Promise(setImmediate);

    const { status, error, cause } = executions.find(arn);
    expect([status, error, cause]).to.deep.equal(["ABORTED", "Enough", "asked for"]);
  });
});
