import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { present } from "../../core/present";
import { watches } from "../explain/cloudWatch";
import type { ExplainConnections } from "../explain/sources";
import type { AlarmView } from "./types";

/** A page has 50 alarms or more; what an account has beyond so many pages is not looked through. */
const mostPages = 20;

/** What an alarm of the service is known by. */
export interface AlarmsOf {
  endpointName: string;
  /** Name of the dead-letter queue; empty where there is none. */
  deadLetterQueueName: string;
}

/** DescribeAlarms: those that watch the endpoint or its dead letters, those in ALARM first. */
export async function readAllAlarms({ library, client }: ExplainConnections["cloudWatch"], of: AlarmsOf): Promise<AlarmView[]> {
  const found: AlarmView[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await client.send(
      new library.DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm"], ...(NextToken !== undefined && { NextToken }) }),
    );
    found.push(...(answer.MetricAlarms ?? []).filter((alarm) => isOf(alarm, of)).map(alarmView));
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  const order = ["ALARM", "INSUFFICIENT_DATA", "OK"];
  return found.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.name < b.name ? -1 : 1));
}

function isOf(alarm: MetricAlarm, { endpointName, deadLetterQueueName }: AlarmsOf): boolean {
  if (watches(alarm, endpointName)) return true;
  return deadLetterQueueName !== "" && (alarm.Dimensions ?? []).some(({ Value }) => Value === deadLetterQueueName);
}

/** An alarm in the words of users. */
export function alarmView(alarm: MetricAlarm): AlarmView {
  const since = (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString();
  return present({
    name: alarm.AlarmName ?? "",
    state: alarm.StateValue ?? "INSUFFICIENT_DATA",
    since,
    reason: alarm.StateReason ?? "",
    description: alarm.AlarmDescription ?? "",
    threshold: alarm.Threshold,
    comparison: alarm.ComparisonOperator,
    points: pointsIn(alarm.StateReasonData),
    policies: [...(alarm.AlarmActions ?? []), ...(alarm.OKActions ?? [])].flatMap((arn) => /:policyName\/([^:]+)/.exec(arn)?.[1] ?? []),
  });
}

/** The datapoints that CloudWatch decided by, oldest first: it says so in the state's data, newest first. */
function pointsIn(reasonData: string | undefined): number[] {
  try {
    const { recentDatapoints } = JSON.parse(reasonData ?? "") as { recentDatapoints?: unknown };
    return Array.isArray(recentDatapoints) ? recentDatapoints.filter((value) => typeof value === "number").reverse() : [];
  } catch {
    return [];
  }
}
