import * as library from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { readHistory } from "../../../client/overview/history";
import { answering } from "../explain/answering";
import { minute } from "../explain/facts";

describe("the metrics of the last minutes", () => {
  const now = Date.parse(minute(10));
  const read = async (variantName: string, ...answers: object[]) => {
    const { client, inputs } = answering(...answers);
    return { history: await readHistory({ library, client }, { endpointName: "ocr", variantName }, now, 5), inputs };
  };
  const endpoint = { Name: "EndpointName", Value: "ocr" };

  it("are those of the endpoint, its instances and its jobs, minute by minute", async () => {
    const { inputs } = await read("AllTraffic", {});
    const variant = { Name: "VariantName", Value: "AllTraffic" };

    expect(inputs).to.deep.equal([
      {
        MetricDataQueries: (
          [
            ["backlog", "AWS/SageMaker", "ApproximateBacklogSize", "Maximum", [endpoint]],
            ["instances", "/aws/sagemaker/Endpoints", "CPUUtilization", "SampleCount", [endpoint, variant]],
            ["completed", "SageMakerAsyncInference", "JobsCompleted", "Sum", [endpoint]],
            ["failed", "SageMakerAsyncInference", "JobsFailed", "Sum", [endpoint]],
            ["open", "SageMakerAsyncInference", "OpenJobs", "Maximum", [endpoint]],
          ] as const
        ).map(([Id, Namespace, MetricName, Stat, Dimensions]) => ({
          Id,
          MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
        })),
        StartTime: new Date(minute(5)),
        EndTime: new Date(minute(10)),
        ScanBy: "TimestampAscending",
      },
    ]);
  });

  it("go over all pages, in their order", async () => {
    const page = (Id: string, at: number, ...Values: number[]) => ({ Id, Timestamps: [new Date(minute(at))], Values });
    const { history, inputs } = await read(
      "AllTraffic",
      { MetricDataResults: [page("backlog", 6, 3), page("open", 6)], NextToken: "2" },
      { MetricDataResults: [page("backlog", 7, 4), { Id: "failed" }] },
    );
    const at = (minutes: number) => Date.parse(minute(minutes));

    expect(history).to.deep.equal({
      backlog: [
        [at(6), 3],
        [at(7), 4],
      ],
      instances: [],
      completed: [],
      failed: [],
      open: [[at(6), 0]],
    });
    expect(inputs.map((input) => input["NextToken"])).to.deep.equal([undefined, "2"]);
    expect(inputs[0]).not.to.have.property("NextToken");
  });

  it("have no instances where the variant is not known: with an empty name, CloudWatch refuses all of them", async () => {
    const { inputs } = await read("", {});
    const queries = inputs[0]?.["MetricDataQueries"] as { Id: string }[];

    expect(queries.map(({ Id }) => Id)).to.deep.equal(["backlog", "completed", "failed", "open"]);
  });
});
