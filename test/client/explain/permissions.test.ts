import { expect } from "chai";
import { explainStatement, type ExplainedService } from "../../../client/explain";
import { sourceNames } from "../../../client/explain/types";

describe("The statements that explain asks for", () => {
  const bare: ExplainedService = {
    region: "cn-north-1",
    endpointName: "OCR",
    bucketName: "b",
    inputPrefix: "in/",
    outputPrefix: "out/",
    failurePrefix: "f/",
  };
  const statements = (service: ExplainedService) =>
    Object.fromEntries(
      sourceNames.map((source) => {
        const { Effect, Action, Resource } = explainStatement(service, source);
        expect(Effect).to.equal("Allow");
        return [source, [Action, Resource]];
      }),
    );
  const objects = ["s3:GetObject", "s3:ListBucket"];
  const onAll = {
    scaling: [["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingActivities"], "*"],
    schedules: ["application-autoscaling:DescribeScheduledActions", "*"],
    metrics: ["cloudwatch:GetMetricData", "*"],
  };

  it("name every resource where the outputs are known", () => {
    const service = {
      ...bare,
      ...{ region: "eu-west-1", partition: "aws", accountId: "1", formerPrefixes: "input:old/,output:texts/" },
      ...{ jobTableName: "jobs", jobTableArn: "arn:aws:dynamodb:eu-west-1:1:table/jobs", endpointConfigName: "Config" },
      ...{ resultLogGroupName: "result", deadLetterQueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/dead" },
    };

    expect(statements(service)).to.deep.equal({
      record: ["dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:1:table/jobs"],
      waiting: ["dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/jobs/index/waiting"],
      input: [objects, ["arn:aws:s3:::b/in/*", "arn:aws:s3:::b/old/*", "arn:aws:s3:::b"]],
      output: [objects, ["arn:aws:s3:::b/out/*", "arn:aws:s3:::b/texts/*", "arn:aws:s3:::b"]],
      failure: [objects, ["arn:aws:s3:::b/f/*", "arn:aws:s3:::b"]],
      endpoint: ["sagemaker:DescribeEndpoint", "arn:aws:sagemaker:eu-west-1:1:endpoint/ocr"],
      endpointConfig: ["sagemaker:DescribeEndpointConfig", "arn:aws:sagemaker:eu-west-1:1:endpoint-config/config"],
      ...onAll,
      alarms: ["cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:eu-west-1:1:alarm:*"],
      deadLetters: ["sqs:GetQueueAttributes", "arn:aws:sqs:eu-west-1:1:dead"],
      resultLog: ["logs:FilterLogEvents", "arn:aws:logs:eu-west-1:1:log-group:result:*"],
      containerLog: ["logs:FilterLogEvents", "arn:aws:logs:eu-west-1:1:log-group:/aws/sagemaker/Endpoints/OCR:*"],
    });
    expect(explainStatement(service, "endpointConfig", "Now").Resource).to.match(/\/now$/);
  });

  it("are valid without outputs too: in the region's partition, for any account", () => {
    expect(statements(bare)).to.deep.equal({
      record: ["dynamodb:GetItem", "arn:aws-cn:dynamodb:cn-north-1:*:table/*"],
      waiting: ["dynamodb:Query", "arn:aws-cn:dynamodb:cn-north-1:*:table/*/index/waiting"],
      input: [objects, ["arn:aws-cn:s3:::b/in/*", "arn:aws-cn:s3:::b"]],
      output: [objects, ["arn:aws-cn:s3:::b/out/*", "arn:aws-cn:s3:::b"]],
      failure: [objects, ["arn:aws-cn:s3:::b/f/*", "arn:aws-cn:s3:::b"]],
      endpoint: ["sagemaker:DescribeEndpoint", "arn:aws-cn:sagemaker:cn-north-1:*:endpoint/ocr"],
      endpointConfig: ["sagemaker:DescribeEndpointConfig", "arn:aws-cn:sagemaker:cn-north-1:*:endpoint-config/*"],
      ...onAll,
      alarms: ["cloudwatch:DescribeAlarms", "arn:aws-cn:cloudwatch:cn-north-1:*:alarm:*"],
      deadLetters: ["sqs:GetQueueAttributes", "arn:aws-cn:sqs:cn-north-1:*:*"],
      resultLog: ["logs:FilterLogEvents", "arn:aws-cn:logs:cn-north-1:*:log-group:*:*"],
      containerLog: ["logs:FilterLogEvents", "arn:aws-cn:logs:cn-north-1:*:log-group:/aws/sagemaker/Endpoints/OCR:*"],
    });
  });
});
