import * as library from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { alarmView, readAllAlarms } from "../../../client/overview/alarms";
import { answering } from "../explain/answering";
import { minute } from "../explain/facts";

describe("the alarms of a service", () => {
  const alarm = (AlarmName: string, StateValue: string, Dimensions?: object[]) => ({ AlarmName, StateValue, Dimensions });
  const of = (Value: string, Name = "EndpointName") => [{ Name, Value }];
  const names = async (service: { endpointName: string; deadLetterQueueName: string }, ...pages: unknown[]) => {
    const { client, inputs } = answering(...pages);
    const found = await readAllAlarms({ library, client }, service);
    return { names: found.map(({ name }) => name), inputs };
  };
  const ocr = { endpointName: "ocr", deadLetterQueueName: "ocr-dead" };

  it("are those on its endpoint and its dead letters, of every page, those that need somebody first", async () => {
    const found = await names(
      ocr,
      { MetricAlarms: [alarm("b", "OK", of("ocr")), alarm("other", "ALARM", of("asr")), alarm("a", "OK", of("ocr"))], NextToken: "2" },
      { MetricAlarms: [alarm("c", "OK", of("ocr"))] },
      { MetricAlarms: [alarm("never", "OK", of("ocr"))] },
    );
    expect(found.names).to.deep.equal(["a", "b", "c"]);
    expect(found.inputs).to.deep.equal([{ AlarmTypes: ["MetricAlarm"] }, { AlarmTypes: ["MetricAlarm"], NextToken: "2" }]);

    const states = ["OK", "INSUFFICIENT_DATA", "ALARM"].map((state, index) => alarm(`${index}`, state, of("ocr-dead", "QueueName")));
    expect((await names(ocr, { MetricAlarms: [...states, alarm("none", "ALARM")] })).names).to.deep.equal(["2", "1", "0"]);
  });

  it("are none on a queue without a name, and not looked for on more than twenty pages", async () => {
    const endless = Array.from({ length: 30 }, () => ({ MetricAlarms: [alarm("a", "OK", of("", "QueueName"))], NextToken: "more" }));
    const found = await names({ ...ocr, deadLetterQueueName: "" }, ...endless);

    expect([found.names, found.inputs.length]).to.deep.equal([[], 20]);
  });

  it("are told with their state, what it was decided by, oldest first, and the policies that they carry out", () => {
    const arn = (policy: string) =>
      `arn:aws:autoscaling:eu-west-1:1:scalingPolicy:7:resource/sagemaker/endpoint/ocr:policyName/${policy}:x`;
    const [state, changed] = [new Date(minute(1)), new Date(minute(2))];
    const full = {
      AlarmName: "ocr-wake",
      StateValue: "OK" as const,
      StateTransitionedTimestamp: state,
      StateUpdatedTimestamp: changed,
      StateReason: "Threshold Crossed",
      AlarmDescription: "Wakes it.",
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold" as const,
      StateReasonData: JSON.stringify({ recentDatapoints: [3, "?", 2, 1] }),
      AlarmActions: [arn("wake"), "arn:aws:sns:eu-west-1:1:alarms"],
      OKActions: [arn("idle")],
    };

    expect(alarmView(full)).to.deep.equal({
      name: "ocr-wake",
      state: "OK",
      since: minute(1),
      reason: "Threshold Crossed",
      description: "Wakes it.",
      threshold: 1,
      comparison: "GreaterThanOrEqualToThreshold",
      points: [1, 2, 3],
      policies: ["wake", "idle"],
    });
    const { StateTransitionedTimestamp: _, ...untimed } = full;
    expect(alarmView(untimed).since).to.equal(minute(2));
    const nothing = { name: "", state: "INSUFFICIENT_DATA", reason: "", description: "", points: [], policies: [] };
    for (const StateReasonData of [undefined, "no JSON", "{}", '{"recentDatapoints":"3"}']) {
      expect(alarmView(StateReasonData === undefined ? {} : { StateReasonData })).to.deep.equal(nothing);
    }
  });
});
