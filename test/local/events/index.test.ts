import * as eventbridge from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createEvents } from "../../../local/events";
import { keepInMemory } from "../../../local/kept";
import type { CloudContext, CloudEvent } from "../../../local/ports";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusalWithStatus as refusal } from "../../support/refusal";

const start = Date.UTC(2026, 0, 25, 22, 46);

/** Where schedules send nothing. */
const noMessages = { sendMessage: () => expect.fail("a message"), publish: () => expect.fail("a message") };

describe("schedules in the embedded cloud", () => {
  const clock = new VirtualClock(start);
  const told: CloudEvent[] = [];
  const invoked: unknown[][] = [];
  let refuses = false;
  const context = {
    clock,
    region: "eu-west-1",
    accountId: "000000000000",
    keeper: keepInMemory(),
    emit: (event: CloudEvent) => told.push(event),
  } as unknown as CloudContext;
  const events = createEvents(context, {
    targets: {
      ...noMessages,
      invokeFunction: (...invocation) => {
        invoked.push(invocation);
        return refuses ? Promise.reject(new Error("no permission")) : Promise.resolve();
      },
    },
  });
  const functionArn = "arn:aws:lambda:eu-west-1:000000000000:function:sweep";
  const program = { directory: "/", project: "p", stack: "s", localSettings: {} };
  const create = (type: string, name: string, inputs: Record<string, unknown>) => {
    const resource = events.resources?.[type];
    if (!resource) throw new Error(`no ${type}`);
    return resource.create({ urn: name, type, name, inputs, program });
  };
  const rule = (name: string, inputs: Record<string, unknown>) => create("aws:cloudwatch/eventRule:EventRule", name, inputs);
  const target = (name: string, inputs: Record<string, unknown>) => create("aws:cloudwatch/eventTarget:EventTarget", name, inputs);

  beforeEach(() => {
    invoked.length = 0;
    told.length = 0;
    refuses = false;
  });

  after(() => events.close());

  it("invoke a function at their rate with EventBridge's own event, as EventBridge", async () => {
    const { state } = await rule("sweep", { name: "sweep", scheduleExpression: "rate(1 minute)" });
    const arn = "arn:aws:events:eu-west-1:000000000000:rule/sweep";
    expect(state["arn"]).to.equal(arn);
    await target("sweep", { rule: "sweep", arn: functionArn });

    await clock.advance(150_000);

    const [first, second, third] = invoked as [string, { id: string }, unknown][];
    expect(third).to.equal(undefined);
    expect([first?.[1].id === second?.[1].id, first?.[0], first?.[2]]).to.deep.equal([
      false,
      functionArn,
      { principal: "events.amazonaws.com", sourceArn: arn },
    ]);
    expect({ ...first?.[1], id: "" }).to.deep.equal({
      version: "0",
      id: "",
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: "000000000000",
      time: "2026-01-25T22:47:00Z",
      region: "eu-west-1",
      resources: [arn],
      detail: {},
    });
  });

  it("go on when a function does not let them in, and say so", async () => {
    refuses = true;

    await clock.advance(60_000);

    expect(told).to.deep.equal([
      {
        kind: "warning",
        message: `The schedule arn:aws:events:eu-west-1:000000000000:rule/sweep did not invoke ${functionArn}: no permission`,
      },
    ]);
  });

  it("rest while they are disabled", async () => {
    await rule("off", { name: "off", scheduleExpression: "rate(5 minutes)", state: "DISABLED" });
    await target("off", { rule: "off", arn: `${functionArn}-off` });

    await clock.advance(600_000);

    expect(invoked.filter(([arn]) => arn !== functionArn)).to.deep.equal([]);
  });

  for (const scheduleExpression of [
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(0 minutes)",
    "cron(0 8 * *)",
    "at(2026-01-25T23:00:00)",
    "every minute",
  ]) {
    it(`are refused when they would not come as they say: ${scheduleExpression}`, async () => {
      const error = await rule("odd", { scheduleExpression }).catch((reason: unknown) => reason);

      expect(String(error)).to.equal(
        `ValidationException: Parameter ScheduleExpression is not valid. Got "${scheduleExpression}"; EventBridge takes rate(1 minute), rate(5 minutes) and the like, with hours or days, and cron(0 8 * * ? *)`,
      );
    });
  }

  it("are refused with what is not there: a role for the targets, rules that nobody made", async () => {
    const pattern = await rule("role", { scheduleExpression: "rate(1 hour)", roleArn: "r" }).catch((reason: unknown) => reason);
    const orphan = await target("orphan", { rule: "none", arn: functionArn }).catch((reason: unknown) => reason);

    expect([String(pattern), String(orphan)]).to.deep.equal([
      'Error: aws:cloudwatch/eventRule:EventRule "role": roleArn: not supported by the embedded cloud',
      "ResourceNotFoundException: Rule none does not exist on EventBus default.",
    ]);
  });
});

/** What the service answers its own SDK. */
type Answered<Output> = Omit<Output, "$metadata">;

async function answer<Output extends { $metadata: unknown }>(call: Promise<Output>): Promise<Answered<Output>> {
  const { $metadata: _, ...rest } = await call;
  return rest;
}

describe("EventBridge's API of the embedded cloud", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let client: eventbridge.EventBridgeClient;
  const invoked: unknown[][] = [];
  const take = async (...given: unknown[]) => void invoked.push(given);
  const targets = { invokeFunction: take, sendMessage: take, publish: take };
  const Arn = "arn:aws:lambda:us-east-1:000000000000:function:sweep";
  const Rule = "sweep";
  const RuleArn = "arn:aws:events:us-east-1:000000000000:rule/sweep";

  beforeEach(async () => {
    invoked.length = 0;
    clock = new VirtualClock(start);
    cloud = await startTestCloud({ clock });
    cloud.add(createEvents(cloud.context, { targets }));
    client = new eventbridge.EventBridgeClient({ ...cloud.client, maxAttempts: 1 });
  });
  afterEach(async () => {
    client.destroy();
    await cloud.close();
  });

  const putRule = (input: Partial<eventbridge.PutRuleCommandInput> = {}) =>
    answer(client.send(new eventbridge.PutRuleCommand({ Name: Rule, ScheduleExpression: "rate(1 minute)", ...input })));

  it("takes a rule and its targets through their life, and gives back all that they were given", async () => {
    const Tags = [{ Key: "team", Value: "ml" }];
    expect(await putRule({ Description: "Looks after jobs", Tags, EventBusName: "default" })).to.deep.equal({ RuleArn });
    const rule = {
      Name: Rule,
      Arn: RuleArn,
      Description: "Looks after jobs",
      ScheduleExpression: "rate(1 minute)",
      State: "ENABLED",
      EventBusName: "default",
    };
    expect(await answer(client.send(new eventbridge.DescribeRuleCommand({ Name: Rule })))).to.deep.equal({
      ...rule,
      CreatedBy: "000000000000",
    });
    expect(await answer(client.send(new eventbridge.ListRulesCommand({ NamePrefix: "sw" })))).to.deep.equal({ Rules: [rule] });
    const Targets = [
      { Id: "plain", Arn },
      { Id: "constant", Arn, Input: '{"now":true}' },
    ];
    expect(await answer(client.send(new eventbridge.PutTargetsCommand({ Rule, Targets })))).to.deep.equal({
      FailedEntryCount: 0,
      FailedEntries: [],
    });
    const [target] = (await answer(client.send(new eventbridge.ListTargetsByRuleCommand({ Rule })))).Targets ?? [];
    const names = async (TargetArn?: string) =>
      (await answer(client.send(new eventbridge.ListRuleNamesByTargetCommand({ TargetArn })))).RuleNames;
    expect([await names(target?.Arn), await names(`${target?.Arn}-other`)]).to.deep.equal([[Rule], []]);
    const first = await answer(client.send(new eventbridge.ListTargetsByRuleCommand({ Rule, Limit: 1 })));
    const second = await answer(client.send(new eventbridge.ListTargetsByRuleCommand({ Rule, Limit: 1, NextToken: first.NextToken })));
    expect([first.Targets, second.Targets, second.NextToken]).to.deep.equal([[Targets[0]], [Targets[1]], undefined]);

    await clock.advance(60_000);
    expect(invoked.map(([arn, event]) => [arn, (event as { source?: string; now?: boolean }).source ?? event])).to.deep.equal([
      [Arn, "aws.events"],
      [Arn, { now: true }],
    ]);

    const remove = () => client.send(new eventbridge.DeleteRuleCommand({ Name: Rule }));
    expect(await refusal(remove())).to.equal("400 ValidationException: Rule can't be deleted since it has targets.");
    await client.send(new eventbridge.RemoveTargetsCommand({ Rule, Ids: ["plain", "constant"] }));
    await remove();
    await clock.advance(120_000);
    expect(invoked).to.have.length(2);
    expect(await refusal(client.send(new eventbridge.DescribeRuleCommand({ Name: Rule })))).to.equal(
      "400 ResourceNotFoundException: Rule sweep does not exist on EventBus default.",
    );
  });

  it("has another schedule act from its update on, and none while the rule is disabled", async () => {
    await putRule();
    await client.send(new eventbridge.PutTargetsCommand({ Rule, Targets: [{ Id: "a", Arn }] }));
    await putRule({ ScheduleExpression: "cron(0 8 * * ? *)" });
    await clock.advance(Date.UTC(2026, 0, 26, 8) - start - 1);
    expect(invoked).to.have.length(0);
    await clock.advance(1);
    expect(invoked).to.have.length(1);
    await client.send(new eventbridge.DisableRuleCommand({ Name: Rule }));
    await clock.advance(48 * 3_600_000);
    expect(invoked).to.have.length(1);
    await client.send(new eventbridge.EnableRuleCommand({ Name: Rule }));
    await clock.advance(24 * 3_600_000);
    expect(invoked).to.have.length(2);
  });

  it("keeps a rule's tags, which an update leaves alone", async () => {
    const ResourceARN = RuleArn;
    await putRule({ Tags: [{ Key: "team", Value: "ml" }] });
    await client.send(new eventbridge.TagResourceCommand({ ResourceARN, Tags: [{ Key: "stage", Value: "dev" }] }));
    await putRule({ Description: "again" });
    await client.send(new eventbridge.UntagResourceCommand({ ResourceARN, TagKeys: ["team"] }));
    expect(await answer(client.send(new eventbridge.ListTagsForResourceCommand({ ResourceARN })))).to.deep.equal({
      Tags: [{ Key: "stage", Value: "dev" }],
    });
  });

  it("refuses what EventBridge refuses, and what is not here by its name", async () => {
    await putRule();
    const six = ["1", "2", "3", "4", "5", "6"].map((Id) => ({ Id, Arn }));
    const calls: [Promise<unknown>, string][] = [
      [
        client.send(new eventbridge.PutTargetsCommand({ Rule, Targets: six })),
        "400 LimitExceededException: The requested resource exceeds the maximum number allowed.",
      ],
      [putRule({ RoleArn: "r" }), "501 NotImplemented: The embedded cloud does not support RoleArn of EventBridge's PutRule."],
      [putRule({ EventBusName: "other" }), "400 ResourceNotFoundException: Event bus other does not exist."],
      [
        client.send(new eventbridge.PutRuleCommand({ Name: "nothing" })),
        "400 ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.",
      ],
      [
        putRule({ EventPattern: '{"source":"shop"}' }),
        '400 InvalidEventPatternException: Event pattern is not valid. Reason: "source" must be an object or an array',
      ],
      [
        client.send(new eventbridge.ListRulesCommand({ NextToken: "elsewhere" })),
        "400 ValidationException: Parameter NextToken is not valid.",
      ],
      [
        client.send(new eventbridge.CreateArchiveCommand({ ArchiveName: "a", EventSourceArn: RuleArn })),
        "501 NotImplemented: The embedded cloud does not support EventBridge's CreateArchive.",
      ],
    ];
    expect(await Promise.all(calls.map(([call]) => refusal(call)))).to.deep.equal(calls.map(([, expected]) => expected));
  });

  it("hands an event to the targets of each rule of its bus that it fits, and to no other", async () => {
    const EventBusName = "shop";
    const { EventBusArn } = await answer(client.send(new eventbridge.CreateEventBusCommand({ Name: EventBusName })));
    const EventPattern = JSON.stringify({ source: ["shop"], detail: { job: { state: [{ "anything-but": "COMPLETED" }] } } });
    const ofPattern = { ScheduleExpression: undefined, EventPattern };
    const onBus = await putRule({ ...ofPattern, EventBusName });
    expect(onBus.RuleArn).to.equal("arn:aws:events:us-east-1:000000000000:rule/shop/sweep");
    await putRule(ofPattern);
    const queueArn = "arn:aws:sqs:us-east-1:000000000000:failures";
    const topicArn = "arn:aws:sns:us-east-1:000000000000:failures";
    const Targets = [Arn, queueArn, topicArn].map((each, index) => ({ Id: `t${index}`, Arn: each }));
    await client.send(new eventbridge.PutTargetsCommand({ Rule, EventBusName, Targets }));
    await client.send(new eventbridge.PutTargetsCommand({ Rule, Targets: [{ Id: "other", Arn: `${Arn}-other` }] }));
    const put = (state: string, more: object = {}) => ({
      EventBusName,
      Source: "shop",
      DetailType: "Ended",
      Detail: JSON.stringify({ job: { state } }),
      Time: new Date(start),
      ...more,
    });
    const entries = [
      put("FAILED"),
      put("COMPLETED"),
      put("FAILED", { Source: "others", EventBusName: EventBusArn }),
      put("FAILED", { EventBusName: "nowhere" }),
      put("FAILED", { Detail: "no" }),
      put("FAILED", { DetailType: undefined }),
    ];

    const { FailedEntryCount, Entries = [] } = await answer(client.send(new eventbridge.PutEventsCommand({ Entries: entries })));

    const event = {
      version: "0",
      id: Entries[0]?.EventId,
      "detail-type": "Ended",
      source: "shop",
      account: "000000000000",
      time: "2026-01-25T22:46:00Z",
      region: "us-east-1",
      resources: [],
      detail: { job: { state: "FAILED" } },
    };
    const source = { principal: "events.amazonaws.com", sourceArn: onBus.RuleArn };
    expect(invoked).to.deep.equal([
      [Arn, event, source],
      [queueArn, JSON.stringify(event), source],
      [topicArn, JSON.stringify(event), "", source],
    ]);
    expect([FailedEntryCount, Entries.map(({ ErrorCode }) => ErrorCode)]).to.deep.equal([
      2,
      [undefined, undefined, undefined, undefined, "MalformedDetail", "InvalidArgument"],
    ]);

    const remove = () => client.send(new eventbridge.DeleteEventBusCommand({ Name: EventBusName }));
    expect(await refusal(remove())).to.equal("400 ValidationException: Event bus can't be deleted since it has rules.");
    await client.send(new eventbridge.RemoveTargetsCommand({ Rule, EventBusName, Ids: ["t0", "t1", "t2"] }));
    await client.send(new eventbridge.DeleteRuleCommand({ Name: Rule, EventBusName }));
    await remove();
    const { EventBuses } = await answer(client.send(new eventbridge.ListEventBusesCommand({})));
    expect(EventBuses).to.deep.equal([{ Name: "default", Arn: "arn:aws:events:us-east-1:000000000000:event-bus/default" }]);
  });

  it("goes on with the kept rules at the times that they had", async () => {
    await putRule({ ScheduleExpression: "rate(5 minutes)" });
    await client.send(new eventbridge.PutTargetsCommand({ Rule, Targets: [{ Id: "a", Arn }] }));

    await clock.advance(120_000);

    const again = createEvents(cloud.context, {
      targets: { ...targets, invokeFunction: async (...invocation) => void seen.push(invocation) },
    });
    const seen: unknown[][] = [];
    again.resume?.();
    await clock.advance(180_000 - 1);
    expect(seen).to.have.length(0);
    await clock.advance(1);
    expect(seen).to.have.length(1);
    await again.close();
  });
});
