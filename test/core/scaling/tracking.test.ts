import { expect } from "chai";
import type { TargetTracking } from "../../../core/scaling/policies";
import { managedAlarms } from "../../../core/scaling/tracking";

type Specification = NonNullable<TargetTracking["customizedMetricSpecification"]>;

const arn = "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:p";
const metric = { namespace: "AWS/SageMaker", metricName: "ApproximateBacklogSizePerInstance" };
const alarmsOf = (specification: Specification | undefined, settings: Partial<TargetTracking> = {}) => {
  let count = 0;
  const tracking = { targetValue: 5, customizedMetricSpecification: specification, ...settings } as TargetTracking;
  return managedAlarms("endpoint/ocr/variant/main", arn, tracking, () => String(++count));
};

describe("the alarms of a target tracking policy", () => {
  const shared = {
    alarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${arn}.`,
    actionsEnabled: true,
    alarmActions: [arn],
    okActions: [],
    insufficientDataActions: [],
    treatMissingData: "missing",
  };

  it("are those that the service makes: three minutes above the target, fifteen below nine tenths of it", () => {
    const dimensions = [{ name: "EndpointName", value: "ocr" }];
    const metrics = [
      {
        id: "m1",
        returnData: true,
        metricStat: { metric: { ...metric, dimensions: { EndpointName: "ocr" } }, periodSeconds: 60, stat: "Average", unit: "Count" },
      },
    ];

    expect(alarmsOf({ ...metric, dimensions, statistic: "Average", unit: "Count" })).to.deep.equal({
      high: {
        ...shared,
        alarmName: "TargetTracking-endpoint/ocr/variant/main-AlarmHigh-1",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 5,
        evaluationPeriods: 3,
        datapointsToAlarm: 3,
        metrics,
      },
      low: {
        ...shared,
        alarmName: "TargetTracking-endpoint/ocr/variant/main-AlarmLow-2",
        comparisonOperator: "LessThanThreshold",
        threshold: 4.5,
        evaluationPeriods: 15,
        datapointsToAlarm: 15,
        metrics,
      },
    });
  });

  it("are the high one alone where scaling in is disabled: a low one would shrink the fleet", () => {
    expect(Object.keys(alarmsOf({ ...metric, statistic: "Sum" }, { disableScaleIn: true }))).to.deep.equal(["high"]);
  });

  it("may be of metric math, with labels, and metrics that are but parts of it", () => {
    const metrics = [
      { id: "e1", expression: "m1 / 2", label: "half of it" },
      { id: "m1", returnData: false, metricStat: { metric, stat: "Maximum" } },
    ];

    expect(alarmsOf({ metrics }).high.metrics).to.deep.equal([
      { id: "e1", returnData: true, expression: "m1 / 2", label: "half of it" },
      { id: "m1", returnData: false, metricStat: { metric: { ...metric, dimensions: {} }, periodSeconds: 60, stat: "Maximum" } },
    ]);
  });

  it("are refused by the field for what is no one metric, as AWS does", () => {
    const whole = { ...metric, statistic: "Sum" };
    const required = "customizedMetricSpecification: metricName, namespace and statistic are required without metrics";
    expect(() => alarmsOf(undefined)).to.throw(/^customizedMetricSpecification: required$/);
    for (const field of ["metricName", "namespace", "statistic"] as const) {
      expect(() => alarmsOf({ ...whole, [field]: undefined }), field).to.throw(required);
    }
    const alone = "customizedMetricSpecification: metrics can't be combined with metricName, namespace, statistic, dimensions or unit";
    const metrics = [{ id: "m1", metricStat: { metric, stat: "Sum" } }];
    for (const field of [{ metricName: "a" }, { namespace: "a" }, { statistic: "Sum" }, { dimensions: [] }, { unit: "Count" }]) {
      expect(() => alarmsOf({ metrics, ...field }), JSON.stringify(field)).to.throw(alone);
    }
  });
});
