import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Connections } from "../../client/connections";
import { preparedWrites } from "../../client/preparedWrites";
import { systemClock } from "../../client/waiting/clock";
import type { Jobs } from "../../core/ports";
import { createServiceClock, type ServiceClock } from "../../core/serviceClock";
import { openJob } from "../../doubles/jobs";

/** A request as it came. */
interface Heard {
  headers: IncomingMessage["headers"];
  body: { Item?: Record<string, unknown>; Key?: unknown; ConditionExpression?: string };
}

type Answer = { status: number; body?: object; date?: Date } | "reset";

describe("writes made like the SDK's last", () => {
  const ok: Answer = { status: 200 };
  let server: Server;
  let connections: Connections;
  let jobs: Jobs;
  let heard: Heard[];
  let answers: Answer[];
  let sockets: number;
  let now: number;
  /** Calls that the SDK has made from the beginning. */
  let commands: number;
  let clock: ServiceClock;

  beforeEach(async () => {
    [heard, answers, sockets, now] = [[], [], 0, Date.now()];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const sent = Buffer.concat(chunks);
        // What the signature is of: DynamoDB refuses another body's.
        expect(request.headers["x-amz-content-sha256"]).to.equal(createHash("sha256").update(sent).digest("hex"));
        heard.push({ headers: request.headers, body: JSON.parse(sent.toString()) as Heard["body"] });
        const answer = answers.shift() ?? ok;
        if (answer === "reset") return void request.socket.destroy();
        const { status, body = {}, date } = answer;
        response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...(date && { date: date.toUTCString() }) });
        response.end(JSON.stringify(body));
      });
    });
    server.on("connection", () => sockets++);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
    clock = createServiceClock({ ...systemClock, now: () => now });
    connections = new Connections({ region: "eu-west-1", endpointUrl, credentials }, clock);
    jobs = connections.jobs("jobs");
    commands = 0;
    const { middlewareStack } = connections.dynamodb.client;
    middlewareStack.add((next) => (args) => (commands++, next(args)), { step: "initialize" });
  });

  afterEach(() => {
    connections.destroy();
    server.close();
  });

  const job = openJob({
    jobId: "a",
    input: Buffer.from("payload"),
    inputInCall: true,
    metadata: { tenant: "ä", pages: [Buffer.from("in a list")] } as never,
  });
  const refusal = (name: string): Answer => ({ status: 400, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name } });
  const change = () => jobs.change("a", { states: ["INVOKING"], attempt: 1 }, { set: { state: "SUBMITTED" }, from: job });

  /** Which try of its write each request was. */
  const tries = () => heard.map(({ headers }) => Number(/attempt=(\d+)/.exec(String(headers["amz-sdk-request"]))?.[1]));
  /** The SDK makes one write, and further ones are made like it. */
  async function afterPause(): Promise<void> {
    now += 60_001;
    await jobs.create(job);
  }

  it("say word for word what the SDK says, over the same connection", async () => {
    await jobs.create(job);
    await jobs.create(job);
    await change();
    const [first, second, third] = heard as [Heard, Heard, Heard];

    expect(second.body).to.deep.equal(first.body);
    expect(second.body.Item?.["input"]).to.deep.equal({ B: Buffer.from("payload").toString("base64") });
    // What differs with each call, whoever makes it.
    const own = ["amz-sdk-invocation-id", "authorization", "x-amz-content-sha256", "x-amz-date"];
    const shared = ({ headers }: Heard) => Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
    expect(shared(second)).to.deep.equal(shared(first));
    const signed = ({ headers }: Heard) => headers.authorization?.replace(/Signature=.*/, "");
    expect(signed(second)).to.equal(signed(first));
    expect(new Set(heard.map(({ headers }) => headers["amz-sdk-invocation-id"])).size).to.equal(3);
    expect([third.headers["x-amz-target"], third.body.Key]).to.deep.equal(["DynamoDB_20120810.UpdateItem", { jobId: { S: "a" } }]);
    expect([commands, sockets]).to.deep.equal([1, 1]);
  });

  it("leave what is refused to the SDK, which asks no second time", async () => {
    await jobs.create(job);
    answers = [refusal("ConditionalCheckFailedException")];
    expect([await jobs.create(job), heard.length, commands]).to.deep.equal([false, 2, 2]);

    await afterPause();
    answers = [refusal("AccessDeniedException")];
    const error = await change().then(() => undefined, String);
    expect([error, heard.length - 3]).to.deep.equal(["AccessDeniedException: AccessDeniedException", 1]);
  });

  for (const [what, answer] of [
    ["fails", { status: 500 }],
    ["has no answer", "reset"],
  ] as const) {
    it(`have the SDK send again what ${what}, as its second try, and make all writes of the next minute`, async () => {
      await jobs.create(job);
      answers = [answer];

      expect([await jobs.create(job), tries()]).to.deep.equal([true, [1, 1, 2]]);
      now += 59_999;
      await change();
      expect([commands, heard.length]).to.deep.equal([3, 4]);
      now += 1;
      await change();
      expect([commands, heard.length]).to.deep.equal([3, 5]);
    });
  }

  it("have the SDK find its endpoint and its settings anew once a minute", async () => {
    await jobs.create(job);
    now += 60_000;
    await change();
    expect(commands).to.equal(1);
    now += 1;
    await change();
    await change();
    expect([commands, heard.length]).to.deep.equal([2, 4]);
  });

  it("are the SDK's when this machine's clock was put back: how old the last one is nobody knows then", async () => {
    await jobs.create(job);
    now -= 1;
    await change();

    expect(commands).to.equal(2);
  });

  it("are not made like a read, which keeps none of a minute either", async () => {
    await jobs.get("a");
    await jobs.create(job);
    expect(commands).to.equal(2);
    now += 50_000;
    await jobs.get("a");
    now += 10_001;
    await jobs.create(job);

    expect(commands).to.equal(4);
  });

  it("are not made like a second try: each says that it is a first", async () => {
    answers = [{ status: 500 }];
    await jobs.create(job);
    await jobs.create(job);

    expect([tries(), commands]).to.deep.equal([[1, 2, 1], 1]);
  });

  it("are left to the SDK in Lambda, where each invocation has a trace of its own", async () => {
    process.env["AWS_LAMBDA_FUNCTION_NAME"] = "caller";
    try {
      const inLambda = connections.jobs("jobs");
      for (let time = 0; time < 3; time++) await inLambda.create(job);
    } finally {
      delete process.env["AWS_LAMBDA_FUNCTION_NAME"];
    }

    expect([commands, heard.length]).to.deep.equal([3, 3]);
  });

  it("tell the service's time as well", async () => {
    await jobs.create(job);
    answers = [{ status: 200, date: new Date(now + 3_600_000) }];
    await jobs.create(job);

    expect([commands, Math.round((clock.stamp() - now) / 60_000)]).to.deep.equal([1, 60]);
  });

  it("are the SDK's where it does not say what it signs with", async () => {
    let prepare: ((next: (args: object) => Promise<string>, context: object) => (args: object) => Promise<string>) | undefined;
    const add = (middleware: typeof prepare) => (prepare = middleware);
    const write = preparedWrites({ middlewareStack: { add }, config: {} } as never, clock);
    const args = { request: { headers: { "x-amz-target": "DynamoDB_20120810.PutItem", "amz-sdk-request": "attempt=1; max=3" } } };
    for (const context of [{}, { __smithy_context: {} }]) {
      expect(await prepare?.(async () => "sent", context)(args)).to.equal("sent");
      expect(await write("PutItem", { TableName: "jobs" })).to.equal("untried");
    }
  });

  it("are left to a client that was given, which may do more for each call", async () => {
    const given = connections.dynamodb.client;
    const others = new Connections({ region: "eu-west-1", clients: { dynamodb: given } }, clock).jobs("jobs");
    for (let time = 0; time < 3; time++) await others.create(job);

    expect([commands, heard.length]).to.deep.equal([3, 3]);
  });
});
