import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
  type StartQueryCommandInput,
} from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { readQuery } from "../../../local/logs/insights";
import { createLogs } from "../../../local/logs";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusal } from "../../support/refusal";

const noon = Date.UTC(2026, 0, 25, 12);

describe("queries of Logs Insights", () => {
  let cloud: TestCloud;
  let client: CloudWatchLogsClient;
  let logs: Awaited<ReturnType<typeof createLogs>>;

  before(async () => {
    cloud = await startTestCloud({ clock: new VirtualClock(noon) });
    logs = await createLogs(cloud.context);
    cloud.add(logs);
    client = new CloudWatchLogsClient({ ...cloud.client, maxAttempts: 1 });
    const lines = ["START a|b", '{"level":"ERROR","job":{"id":"j1"},"ms":9}', '{"level":"error","ms":100}', "plain ERROR | text", "END"];
    lines.forEach((message, index) => logs.append("app", "one", message, noon + index));
    logs.append("other", "two", "ERROR elsewhere", noon + 10);
  });
  after(async () => {
    client.destroy();
    await cloud.close();
  });

  const range = { startTime: noon / 1000, endTime: noon / 1000 };
  const start = (queryString: string, more: Partial<StartQueryCommandInput> = {}) =>
    client.send(new StartQueryCommand({ logGroupName: "app", ...range, queryString, ...more }));
  const ask = async (queryString: string, more: Partial<StartQueryCommandInput> = {}) => {
    const { queryId } = await start(queryString, more);
    const { status, results = [], statistics } = await client.send(new GetQueryResultsCommand({ queryId }));
    const rows = results.map((row) => row.flatMap(({ field, value }) => (field === "@ptr" ? [] : [value])));
    return { status, rows, matched: statistics?.recordsMatched };
  };
  const messages = async (filter: string) => (await ask(`fields @message | filter ${filter} | sort @timestamp asc`)).rows.flat();

  it("answer what the console's first query asks for: the newest lines, with their times", async () => {
    expect(await ask("fields @timestamp, @message, @logStream\n| sort @timestamp desc\n# two of them\n| limit 2")).to.deep.equal({
      status: "Complete",
      rows: [
        ["2026-01-25 12:00:00.004", "END", "one"],
        ["2026-01-25 12:00:00.003", "plain ERROR | text", "one"],
      ],
      matched: 5,
    });
    const { queryId } = await start("fields @message | limit 3");
    const firstPage = await client.send(new GetQueryResultsCommand({ queryId, maxItems: 2 }));
    const lastPage = await client.send(new GetQueryResultsCommand({ queryId, maxItems: 2, nextToken: firstPage.nextToken }));
    expect([firstPage.results?.length, lastPage.results?.length, lastPage.nextToken]).to.deep.equal([2, 1, undefined]);
    const several = { logGroupName: undefined, logGroupNames: ["app", "other"], limit: 1 };
    expect((await ask("display @log, @message", several)).rows).to.deep.equal([["000000000000:other", "ERROR elsewhere"]]);
    expect((await ask("fields @message", { startTime: 0, endTime: 1 })).rows).to.deep.equal([]);
  });

  it("find lines by text, by expression, by number and by what JSON has", async () => {
    const [, json, slow, plain] = ["", '{"level":"ERROR","job":{"id":"j1"},"ms":9}', '{"level":"error","ms":100}', "plain ERROR | text"];
    expect([
      await messages('@message like "ERROR |"'),
      await messages("@message like /(?i)error/ and not (ms > 50 or job.id = 'j1')"),
      await messages("ms >= 9 and ms < 100"),
      await messages("level in ['error', 'warn'] or job.id != 'x'"),
      await messages("@message =~ /a\\|b/"),
      await messages("@message not like /[a-z]/ and ispresent1 = 1"),
    ]).to.deep.equal([[plain], [plain], [json], expected(json, slow), ["START a|b"], []]);
    expect((await ask("fields ms, job.id | filter ms > 0 | sort ms desc, level")).rows).to.deep.equal([["100"], ["9", "j1"]]);
  });

  it("have of a message what stands in it, whatever its fields are called", async () => {
    logs.append("odd", "one", '{"user id":"u1","pages":["a","b"],"text":"abc"}', noon);
    const odd = { logGroupName: "odd" };

    expect((await ask("fields `user id`, pages.1 | filter `user id` = 'u1' | sort `user id`", odd)).rows).to.deep.equal([["u1", "b"]]);
    expect((await ask("fields text, text.length, pages.length, constructor, toString", odd)).rows).to.deep.equal([["abc"]]);
  });

  /** What has no field is not equal to anything, and so unequal to all. */
  const expected = (...json: (string | undefined)[]) => ["START a|b", ...json, "plain ERROR | text", "END"];

  it("are refused where they are none, and what is not carried out by its name", async () => {
    const refused = (text: string) => {
      try {
        readQuery(text);
      } catch (error) {
        return (error as Error).message;
      }
      return "accepted";
    };
    const notHere = (what: string) => `The embedded cloud does not support Logs Insights' ${what}.`;
    expect([
      refused("fields @message | stats count(*) by bin(5m)"),
      refused("fields @message | parse @message '*' as x"),
      refused("filter strlen(@message) > 3"),
      refused("fields strlen(@message)"),
      refused("filter @message like"),
      refused("filter @message like /(/"),
      refused("filter a = 1 b = 2"),
      refused("filter (a = 1"),
      refused("limit 0"),
      refused("sort @timestamp down"),
      refused("fields @message |"),
    ]).to.deep.equal([
      notHere('command "stats"'),
      notHere('command "parse"'),
      notHere('function "strlen"'),
      notHere('expression "strlen(@message)" among fields'),
      "The query is not valid: like takes a text or a regular expression",
      "The query is not valid: Invalid regular expression: /(/: Unterminated group",
      'The query is not valid: unexpected "b"',
      'The query is not valid: expected ")"',
      'The query is not valid: a limit is 1 to 10000, got "0"',
      'The query is not valid: "@timestamp down" is nothing to sort by',
      "The query is not valid: a command is missing",
    ]);
    expect([
      await refusal(start("fields @message", { logGroupName: undefined })),
      await refusal(start("fields @message", { endTime: 0 })),
      await refusal(start("fields @message", { logGroupName: "none" })),
      await refusal(client.send(new GetQueryResultsCommand({ queryId: "none" }))),
    ]).to.deep.equal([
      "InvalidParameterException: Give logGroupName, logGroupNames or logGroupIdentifiers.",
      "InvalidParameterException: endTime is before startTime.",
      "ResourceNotFoundException: The specified log group does not exist.",
      "ResourceNotFoundException: The specified query does not exist.",
    ]);
  });
});
