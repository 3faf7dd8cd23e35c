import * as library from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import { logPlaces, readJobLog } from "../../../client/overview/logs";
import { serviceOutputs } from "../../support/outputs";
import { answering } from "../explain/answering";
import { minute } from "../explain/facts";

describe("what was printed about a job", () => {
  const model = { source: "model", logGroupName: "/aws/sagemaker/Endpoints/ocr", term: "1.a" };
  const result = { source: "result", logGroupName: "/aws/lambda/ocr-result", term: "a" };
  const store = { source: "store", logGroupName: "/aws/lambda/store", term: "a" };

  it("stands in the log of the container, by its attempt, and in those of functions, by its id", () => {
    const service = { endpointName: "ocr", resultLogGroupName: "/aws/lambda/ocr-result" };

    expect(logPlaces(service, { jobId: "a", inferenceId: "1.a" }, { store: "/aws/lambda/store" })).to.deep.equal([model, result, store]);
    expect(logPlaces({ endpointName: "ocr" }, { jobId: "a" })).to.deep.equal([]);
  });

  const read = async (place: typeof model, limit: number, ...answers: unknown[]) => {
    const { client, inputs } = answering(...answers);
    return { log: await readJobLog({ library, client }, serviceOutputs, place, Date.parse(minute(0)), limit), inputs };
  };
  const line = (at: number, message: string) => ({ timestamp: Date.parse(minute(at)), message });

  it("is read to the end, over empty pages, and the newest lines are kept", async () => {
    const { log, inputs } = await read(
      model,
      2,
      { events: [line(1, "one"), line(2, "two\n")], nextToken: "2" },
      { nextToken: "3" },
      { events: [line(3, "three  \n"), {}] },
    );

    expect(log).to.deep.equal({
      source: "model",
      logGroupName: model.logGroupName,
      lines: [
        { at: minute(3), message: "three" },
        { at: "1970-01-01T00:00:00.000Z", message: "" },
      ],
    });
    const asked = { logGroupName: model.logGroupName, filterPattern: '"1.a"', startTime: Date.parse(minute(0)) };
    expect(inputs).to.deep.equal([asked, { ...asked, nextToken: "2" }, { ...asked, nextToken: "3" }]);
    const endless = await read(
      model,
      3,
      ...Array.from({ length: 30 }, (_, page) => ({ events: [line(page, `${page}`)], nextToken: "more" })),
    );
    expect([endless.inputs.length, endless.log.lines.map(({ message }) => message)]).to.deep.equal([20, ["17", "18", "19"]]);
  });

  it("is nothing in a log that does not exist yet", async () => {
    const { log } = await read(result, 9, Object.assign(new Error("no such group"), { name: "ResourceNotFoundException" }));

    expect(log).to.deep.equal({ source: "result", logGroupName: result.logGroupName, lines: [] });
  });

  it("says why it can't be read, with the statement that is missing of the service's own logs", async () => {
    const denied = () => Object.assign(new Error("no"), { name: "AccessDeniedException" });
    const unreadable = async (place: typeof model) => (await read(place, 9, denied())).log.unreadable;
    const [ofModel, ofResult, ofStore] = [await unreadable(model), await unreadable(result), await unreadable(store)];

    expect([ofModel?.source, ofResult?.source]).to.deep.equal(["containerLog", "resultLog"]);
    expect([ofModel, ofResult].map((each) => each?.statement?.Action)).to.deep.equal(["logs:FilterLogEvents", "logs:FilterLogEvents"]);
    expect(ofStore).to.deep.equal({ source: "resultLog", reason: "AccessDeniedException: no" });
  });
});
