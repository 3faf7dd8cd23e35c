import { CloudWatchLogsClient, DescribeLogGroupsCommand, DescribeLogStreamsCommand, FilterLogEventsCommand, GetLogEventsCommand, PutLogEventsCommand, } from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { LambdaBench } from "../lambda/support";
const noon = Date.UTC(2026, 0, 25, 12);
const day = 86_400_000;
async function refusal(call) {
    return call.then(() => "accepted", (error) => `${error.name}: ${error.message}`);
}
describe("CloudWatch Logs", () => {
    let clock;
    let bench;
    let client;
    beforeEach(async () => {
        clock = new VirtualClock(noon);
        bench = await LambdaBench.start(clock);
        const { region, endpointUrl: endpoint } = bench.context;
        client = new CloudWatchLogsClient({ region, endpoint, maxAttempts: 1, credentials: { accessKeyId: "k", secretAccessKey: "s" } });
    });
    afterEach(async () => {
        client.destroy();
        await bench.close();
    });
    const filter = async (input) => {
        const answer = await client.send(new FilterLogEventsCommand({ logGroupName: "app", ...input }));
        return { messages: (answer.events ?? []).map(({ message }) => message), nextToken: answer.nextToken };
    };
    it("keeps a group's events as long as its retention says, and no longer", async () => {
        const { name, arn } = await bench.register("aws:cloudwatch/logGroup:LogGroup", "result", { retentionInDays: 7, tags: { a: "b" } });
        expect([name, arn]).to.deep.equal([
            String(name).replace(/^result-[0-9a-f]{7}$/, "$&"),
            `arn:aws:logs:eu-west-1:123456789012:log-group:${String(name)}`,
        ]);
        bench.logs.append(String(name), "s", "first");
        await clock.advance(7 * day);
        bench.logs.append(String(name), "s", "second");
        expect(bench.logs.read(String(name)).map(({ message }) => message)).to.deep.equal(["first", "second"]);
        await clock.advance(1);
        expect(bench.logs.read(String(name))).to.deep.equal([{ timestamp: noon + 7 * day, message: "second", stream: "s" }]);
    });
    it("lists groups and streams by prefix, page by page", async () => {
        await bench.register("aws:cloudwatch/logGroup:LogGroup", "one", { name: "app-one", retentionInDays: 14 });
        bench.logs.append("app-two", "b", "old");
        await clock.advance(1000);
        bench.logs.append("app-two", "a", "new");
        bench.logs.append("other", "x", "x");
        const first = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "app-", limit: 1 }));
        const second = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "app-", limit: 1, nextToken: first.nextToken }));
        expect([...(first.logGroups ?? []), ...(second.logGroups ?? [])].map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])).to.deep.equal([
            ["app-one", 14],
            ["app-two", undefined],
        ]);
        expect([first.logGroups?.[0]?.arn, second.nextToken]).to.deep.equal([
            "arn:aws:logs:eu-west-1:123456789012:log-group:app-one:*",
            undefined,
        ]);
        const streams = async (orderBy, descending) => {
            const answer = await client.send(new DescribeLogStreamsCommand({ logGroupName: "app-two", orderBy, descending }));
            return answer.logStreams?.map(({ logStreamName, lastEventTimestamp }) => [logStreamName, (lastEventTimestamp ?? 0) - noon]);
        };
        expect([await streams("LogStreamName", false), await streams("LastEventTime", true), await streams("LastEventTime", false)]).to.deep.equal([
            [["a", 1000], ["b", 0]],
            [["a", 1000], ["b", 0]],
            [["b", 0], ["a", 1000]],
        ]); // prettier-ignore
    });
    it("reads a stream forwards and backwards, and gives the same token at its end", async () => {
        for (let index = 0; index < 5; index++)
            bench.logs.append("app", "s", `line ${index}`, noon + index);
        bench.logs.append("app", "other", "elsewhere");
        const get = async (more) => {
            const answer = await client.send(new GetLogEventsCommand({ logGroupName: "app", logStreamName: "s", limit: 2, ...more }));
            return { lines: answer.events?.map(({ message }) => message), next: answer.nextForwardToken, back: answer.nextBackwardToken };
        };
        const latest = await get({});
        const earlier = await get({ nextToken: latest.back });
        const first = await get({ startFromHead: true });
        const second = await get({ nextToken: first.next });
        const third = await get({ nextToken: second.next });
        const end = await get({ nextToken: third.next });
        expect([latest, earlier, first, second, third, end].map(({ lines }) => lines)).to.deep.equal([
            ["line 3", "line 4"],
            ["line 1", "line 2"],
            ["line 0", "line 1"],
            ["line 2", "line 3"],
            ["line 4"],
            [],
        ]);
        expect(end.next).to.equal(third.next);
        bench.logs.append("app", "s", "line 5", noon + 5);
        expect((await get({ nextToken: end.next })).lines).to.deep.equal(["line 5"]);
        expect((await get({ startFromHead: true, startTime: noon + 1, endTime: noon + 2 })).lines).to.deep.equal(["line 1"]);
    });
    it("filters by terms, phrases, alternatives, streams and time", async () => {
        const lines = ["ERROR out of memory", "ERROR retry later", "WARN memory low", "INFO fine"];
        lines.forEach((line, index) => bench.logs.append("app", `s${index % 2}`, line, noon + index));
        const found = async (input) => (await filter(input)).messages;
        expect({
            all: await found({}),
            every: await found({ filterPattern: "ERROR memory" }),
            without: await found({ filterPattern: "ERROR -retry" }),
            phrase: await found({ filterPattern: '"out of memory"' }),
            either: await found({ filterPattern: "?WARN ?INFO" }),
            stream: await found({ logStreamNames: ["s0"] }),
            prefix: await found({ logStreamNamePrefix: "s1" }),
            range: await found({ startTime: noon + 1, endTime: noon + 2 }),
            byArn: await found({
                logGroupName: undefined,
                logGroupIdentifier: "arn:aws:logs:eu-west-1:123456789012:log-group:app:*",
                filterPattern: "fine",
            }),
        }).to.deep.equal({
            all: lines,
            every: ["ERROR out of memory"],
            without: ["ERROR out of memory"],
            phrase: ["ERROR out of memory"],
            either: ["WARN memory low", "INFO fine"],
            stream: ["ERROR out of memory", "WARN memory low"],
            prefix: ["ERROR retry later", "INFO fine"],
            range: ["ERROR retry later", "WARN memory low"],
            byArn: ["INFO fine"],
        });
    });
    it("pages through a filter's results without losing or repeating one", async () => {
        for (let index = 0; index < 5; index++)
            bench.logs.append("app", "s", `line ${index}`);
        const pages = [];
        for (let nextToken, first = true; first || nextToken !== undefined; first = false) {
            const page = await filter({ limit: 2, nextToken });
            pages.push(page.messages);
            nextToken = page.nextToken;
        }
        expect(pages).to.deep.equal([["line 0", "line 1"], ["line 2", "line 3"], ["line 4"]]);
    });
    it("says in AWS's words what does not exist, and refuses what it does not support", async () => {
        bench.logs.append("app", "s", "line");
        expect([
            await refusal(filter({ logGroupName: "absent" })),
            await refusal(client.send(new GetLogEventsCommand({ logGroupName: "app", logStreamName: "absent" }))),
            await refusal(filter({ nextToken: "nonsense" })),
            await refusal(filter({ filterPattern: "{ $.level = ERROR }" })),
            await refusal(filter({ unmask: true })),
            await refusal(filter({ limit: 20_000 })),
            await refusal(client.send(new PutLogEventsCommand({ logGroupName: "app", logStreamName: "s", logEvents: [] }))),
        ]).to.deep.equal([
            "ResourceNotFoundException: The specified log group does not exist.",
            "ResourceNotFoundException: The specified log stream does not exist.",
            "InvalidParameterException: The specified nextToken is invalid.",
            'NotImplemented: The embedded cloud does not support the filter pattern { $.level = ERROR }: only terms, such as ERROR "out of memory" -retry.',
            "NotImplemented: The embedded cloud does not support unmask of CloudWatch Logs' FilterLogEvents.",
            "InvalidParameterException: limit: Too big: expected number to be <=10000",
            "NotImplemented: The embedded cloud does not support CloudWatch Logs' PutLogEvents.",
        ]);
    });
    it("refuses a retention that CloudWatch does not offer, and a name that is taken", async () => {
        const group = (inputs) => bench.register("aws:cloudwatch/logGroup:LogGroup", "g", { name: "taken", ...inputs });
        expect(await refusal(group({ retentionInDays: 8 }))).to.match(/LogGroup "g": retentionInDays: CloudWatch Logs takes 0, 1, 3, 5, 7, 14/);
        await group({});
        expect(await refusal(group({}))).to.equal('Error: log group "taken" exists already; CloudWatch Logs would refuse another of that name');
    });
});
