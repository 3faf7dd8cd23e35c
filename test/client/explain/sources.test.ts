import * as autoscaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudWatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as s3 from "@aws-sdk/client-s3";
import * as sagemaker from "@aws-sdk/client-sagemaker";
import * as sqs from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { explainSources, type ExplainConnections } from "../../../client/explain";
import { plainReads } from "../../../client/plainItems";
import { serviceOutputs } from "../../support/outputs";
import { answering } from "./answering";
import { minute } from "./facts";

function sources(connections: Partial<ExplainConnections>, service: Record<string, unknown> = {}) {
  return explainSources(connections as ExplainConnections, { ...serviceOutputs, ...service }, () => Date.parse(minute(10)));
}

const alarm = (AlarmName: string, changes: object) => ({
  AlarmName,
  StateTransitionedTimestamp: new Date(minute(1)),
  StateReason: "Threshold Crossed",
  ...changes,
});
/** A metric of the endpoint, or of its variant, as it is asked for. */
const query = (Id: string, MetricName: string, Stat: string, ...variant: object[]) => {
  const Dimensions = [{ Name: "EndpointName", Value: serviceOutputs.endpointName }, ...variant];
  return { Id, MetricStat: { Metric: { Namespace: "AWS/SageMaker", MetricName, Dimensions }, Period: 60, Stat } };
};
const of = (Value: string) => [{ Name: "EndpointName", Value }];

describe("The sources of an explanation", () => {
  it("find the endpoint's alarms on every page, those on metric math too, and nobody else's", async () => {
    const { client, inputs } = answering(
      {
        MetricAlarms: [alarm("theirs", { Dimensions: of("other") }), alarm("plain", { Dimensions: of(serviceOutputs.endpointName) })],
        NextToken: "2",
      },
      {
        MetricAlarms: [
          alarm("math", { Metrics: [{ Expression: "a+1" }, { MetricStat: { Metric: { Dimensions: of(serviceOutputs.endpointName) } } }] }),
          alarm("without a metric", {}),
          alarm("of another kind", {
            Dimensions: [{ Name: "QueueName", Value: serviceOutputs.endpointName }],
            Metrics: [{ MetricStat: {} }],
          }),
          { Dimensions: of(serviceOutputs.endpointName) },
        ],
      },
    );
    const found = await sources({ cloudWatch: { library: cloudWatch, client } }).alarms();

    expect(found.map(({ name }) => name)).to.deep.equal(["plain", "math", ""]);
    expect(found[2]).to.deep.equal({ name: "", since: "1970-01-01T00:00:00.000Z", reason: "" });
    expect(found[0]).to.deep.equal({ name: "plain", since: minute(1), reason: "Threshold Crossed" });
    expect(inputs).to.deep.equal([
      { StateValue: "ALARM", AlarmTypes: ["MetricAlarm"] },
      { StateValue: "ALARM", AlarmTypes: ["MetricAlarm"], NextToken: "2" },
    ]);
  });

  it("give up on an account with endless alarms", async () => {
    const { client, inputs } = answering(...Array.from({ length: 9 }, () => ({ MetricAlarms: [], NextToken: "more" })));
    await sources({ cloudWatch: { library: cloudWatch, client } }).alarms();

    expect(inputs).to.have.length(5);
  });

  it("take the newest backlog, the age of the same minute, and the pace of the last quarter of an hour", async () => {
    const points = (Id: string, ...values: [number, number][]) => ({
      Id,
      Timestamps: values.map(([at]) => new Date(minute(at))),
      Values: values.map(([, value]) => value),
    });
    const { client, inputs } = answering({
      MetricDataResults: [points("backlog", [8, 4], [7, 9]), points("oldest", [8, 120], [7, 60]), points("processed", [6, 20], [5, 11])],
    });
    const metrics = await sources({ cloudWatch: { library: cloudWatch, client } }).metrics({
      variantName: "AllTraffic",
      expiresAt: minute(8),
    });

    expect(metrics).to.deep.equal({ backlog: { at: minute(8), size: 4, oldestRequestSeconds: 120 }, processedPerMinute: 2.07 });
    expect(inputs, "too early to count what expired").to.deep.equal([
      {
        MetricDataQueries: [
          query("backlog", "ApproximateBacklogSize", "Maximum"),
          query("oldest", "ApproximateAgeOfOldestRequest", "Maximum"),
          query("processed", "InvocationsProcessed", "Sum", { Name: "VariantName", Value: "AllTraffic" }),
        ],
        StartTime: new Date(minute(-5)),
        EndTime: new Date(minute(10)),
      },
    ]);
  });

  it("leave out what no metric says, and the requests of a variant that is not known", async () => {
    const points = (Id: string, at: number) => ({ Id, Timestamps: [new Date(minute(at))] });
    const { client, inputs } = answering({ MetricDataResults: [points("backlog", 8), points("oldest", 7)] }, {});
    const read = sources({ cloudWatch: { library: cloudWatch, client } });

    expect(await read.metrics({ variantName: "", expiresAt: minute(0) })).to.deep.equal({ backlog: { at: minute(8), size: 0 } });
    expect(await read.metrics({})).to.deep.equal({});
    const names = inputs.map(({ MetricDataQueries }) => (MetricDataQueries as { Id: string }[]).map(({ Id }) => Id));
    expect(names).to.deep.equal(Array(2).fill(["backlog", "oldest"]));
  });

  it("count what expired when the job's time was over, once metrics can be there", async () => {
    const expired = { MetricDataResults: [{ Id: "expired", Timestamps: [new Date(minute(5))], Values: [2] }] };
    const { client, inputs } = answering({ MetricDataResults: [] }, expired);
    const metrics = await sources({ cloudWatch: { library: cloudWatch, client } }).metrics({
      variantName: "AllTraffic",
      expiresAt: minute(5),
    });

    expect(metrics).to.deep.equal({ expiredThen: 2 });
    expect(inputs[1]?.["MetricDataQueries"]).to.deep.equal([
      query("expired", "ExpiredRequests", "Sum", { Name: "VariantName", Value: "AllTraffic" }),
    ]);
    const { client: early } = answering({}, expired);
    const onTime = sources({ cloudWatch: { library: cloudWatch, client: early } }).metrics({
      variantName: "AllTraffic",
      expiresAt: minute(7),
    });
    expect(await onTime, "three minutes are enough").to.deep.equal({ expiredThen: 2 });
    expect([inputs[1]?.["StartTime"], inputs[1]?.["EndTime"]]).to.deep.equal([new Date(minute(4)), new Date(minute(9))]);
  });

  it("read on through empty pages of a log, and keep the newest lines in one line each", async () => {
    const lines = (...messages: string[]) => messages.map((message) => ({ message }));
    const { client, inputs } = answering(
      { events: [], nextToken: "2" },
      { events: lines("1", "2", "3"), nextToken: "3" },
      { events: lines("4", "5", "a\n b", "x".repeat(400)) },
    );
    const found = await sources({ logs: { library: logs, client } }).containerLog("1.order-17", minute(0));

    expect(found).to.deep.equal(["3", "4", "5", "a b", `${"x".repeat(299)}…`]);
    expect(inputs[1]).to.deep.equal({
      logGroupName: "/aws/sagemaker/Endpoints/OCR-endpoint-0a1b2c3",
      filterPattern: '"1.order-17"',
      startTime: Date.parse(minute(0)),
      nextToken: "2",
    });
  });

  it("take a log group that does not exist for one that has no line yet", async () => {
    const missing = Object.assign(new Error("The specified log group does not exist."), { name: "ResourceNotFoundException" });
    const { resultLog } = sources({ logs: { library: logs, client: answering(missing).client } });

    expect(await resultLog?.("order-17", minute(0))).to.deep.equal([]);
    const denied = answering(new Error("no"));
    const refused = sources({ logs: { library: logs, client: denied.client } }).containerLog("1.order-17", minute(0));
    expect(await refused.catch(String)).to.equal("Error: no");
    const endless = answering(...Array.from({ length: 20 }, () => ({ events: [{}], nextToken: "more" })), {});
    const lines = await sources({ logs: { library: logs, client: endless.client } }).containerLog("1.order-17", minute(0));
    expect([endless.inputs.length, lines]).to.deep.equal([10, Array(5).fill("")]);
    expect(endless.inputs[0]).not.to.have.property("nextToken");
    expect(sources({}).resultLog === undefined, "the fixture's outputs name a log").to.equal(false);
    const { resultLogGroupName: _, jobTableName: __, ...bare } = serviceOutputs;
    const { resultLog: none, record, waitingBefore } = explainSources({} as ExplainConnections, bare);
    expect([none, record, waitingBefore]).to.deep.equal([undefined, undefined, undefined]);
  });

  it("read the beginning of a failure object when it is text, and nothing of bytes", async () => {
    const failure = (bytes: Buffer) => {
      const head = { ContentLength: bytes.length, LastModified: new Date(minute(4)) };
      const { client, inputs } = answering(head, { Body: { transformToString: () => Promise.resolve(bytes.toString()) } });
      return { read: sources({ s3: { library: s3, client } }).failure("s3://ocr-bucket-0a1b2c3/failed/a"), inputs };
    };
    const text = failure(Buffer.from("größer als erlaubt"));

    expect(await text.read).to.deep.equal({ bytes: 20, at: minute(4), text: "größer als erlaubt" });
    expect(text.inputs[1]).to.deep.equal({ Bucket: "ocr-bucket-0a1b2c3", Key: "failed/a", Range: "bytes=0-1023" });
    expect(await failure(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 4, 5])).read).to.deep.equal({
      bytes: 10,
      at: minute(4),
      text: "",
    });
    const empty = failure(Buffer.alloc(0));
    expect([await empty.read, empty.inputs.length]).to.deep.equal([{ bytes: 0, at: minute(4), text: "" }, 1]);
    const cut = Buffer.concat([Buffer.from("größer"), Buffer.from("ü").subarray(0, 1)]);
    expect(await failure(cut).read).to.deep.include({ text: "größer\ufffd" });
  });

  it("tell an object that is missing from one that can't be read", async () => {
    const answered = (httpStatusCode: number) => Object.assign(new Error("no"), { $metadata: { httpStatusCode } });
    const { client } = answering(answered(404), answered(404), answered(403), {}, new Error("down"));
    const read = sources({ s3: { library: s3, client } });
    const location = "s3://ocr-bucket-0a1b2c3/failed/a";

    expect([await read.object(location), await read.failure(location)]).to.deep.equal(["missing", "missing"]);
    expect(await read.object(location).catch(String)).to.equal("Error: no");
    expect(await read.object(location)).to.deep.equal({ bytes: 0, at: minute(10) });
    expect(await read.object(location).catch(String)).to.equal("Error: down");
    expect(await read.object("https://a").catch(String)).to.equal("Error: https://a is not s3://bucket/key");
  });

  it("ask for the endpoint, its configuration and its scaling by their names", async () => {
    const described = answering({ EndpointStatus: "InService" }, {});
    const scaled = answering({}, {});
    const read = sources({
      sagemaker: { library: sagemaker, client: described.client },
      autoscaling: { library: autoscaling, client: scaled.client },
    });
    await read.endpoint();
    await read.endpointConfig("config-1");
    expect(await read.scaling("AllTraffic")).to.deep.equal({ target: "missing" });

    expect(described.inputs).to.deep.equal([{ EndpointName: serviceOutputs.endpointName }, { EndpointConfigName: "config-1" }]);
    expect(scaled.inputs[1]?.["ResourceId"]).to.equal(`endpoint/${serviceOutputs.endpointName}/variant/AllTraffic`);
  });

  it("read records as they are, and count who is before a low job on one page of the index", async () => {
    const { client, inputs } = answering({ Item: { jobId: { S: "a" } } }, {}, { Count: 3, LastEvaluatedKey: {} }, {});
    const { record, waitingBefore } = sources({ dynamodb: { client, items: plainReads(client) } });

    expect([await record?.("a"), await record?.("a")]).to.deep.equal([{ jobId: "a" }, "missing"]);
    expect([await waitingBefore?.(7), await waitingBefore?.(8)]).to.deep.equal([
      { before: 3, orMore: true },
      { before: 0, orMore: false },
    ]);
    expect(inputs.slice(1, 3)).to.deep.equal([
      { TableName: serviceOutputs.jobTableName, Key: { jobId: { S: "a" } }, ConsistentRead: true },
      {
        TableName: serviceOutputs.jobTableName,
        IndexName: "waiting",
        Select: "COUNT",
        KeyConditionExpression: "#priority = :low AND #turn < :turn",
        ExpressionAttributeNames: { "#priority": "priority", "#turn": "turn" },
        ExpressionAttributeValues: { ":low": { S: "low" }, ":turn": { N: "7" } },
        ExclusiveStartKey: undefined,
      },
    ]);
  });

  it("count dead letters without taking one, where there is a queue for them", async () => {
    const { client, inputs } = answering({ Attributes: { ApproximateNumberOfMessages: "3" } });
    const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/dead";
    const { deadLetters } = sources({ sqs: { library: sqs, client } }, { deadLetterQueueUrl: QueueUrl });

    expect(await deadLetters?.()).to.equal(3);
    expect(inputs).to.deep.equal([{ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }]);
    expect(sources({}, { deadLetterQueueUrl: "" }).deadLetters).to.equal(undefined);
  });
});
