import type { UpcomingChange } from "../contract";
import type { AlarmView, ServiceOverview } from "../../client/overview/types";
import { shortAlarm } from "../server/steps";
import { age, ago, clock, count, duration } from "./format";
import { Unreadable } from "./overview";
import { Card, useNow } from "./parts";
import { page } from "./server";
import { useStore } from "./store";

const comparisons: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: "≥",
  GreaterThanThreshold: ">",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "≤",
};

/** Why the fleet is as large as it is, and what changes it next. */
export function Scaling() {
  const overview = useStore(page, (value) => value.overview?.overview);
  const steps = useStore(page, (value) => value.overview?.steps) ?? [];
  const upcoming = useStore(page, (value) => value.overview?.upcoming) ?? [];
  const now = useNow();
  if (overview === undefined) return <p class="loading">Reading the service …</p>;
  return (
    <>
      <h1>Scaling</h1>
      <Card title="What happens next">
        <p class="calm">{expected(overview, now)}</p>
        {upcoming[0] !== undefined && <p class="muted">{nextBySchedule(upcoming[0], now)}</p>}
      </Card>
      {overview.scheduled.length > 0 && <Schedule upcoming={upcoming} now={now} />}
      <Card title="Changes of the instance count">
        {steps.length === 0 && <p class="calm">None yet.</p>}
        <ol class="rows steps">
          {steps.map((step) => (
            <li key={step.startedAt + step.description}>
              <div class="line">
                <b>{step.words}</b>
                <span class="when">{ago(now, step.startedAt)}</span>
              </div>
              <p class="muted">{step.cause}</p>
              {step.status !== "Successful" && <p class="muted">{step.message}</p>}
            </li>
          ))}
        </ol>
      </Card>
      <Alarms alarms={overview.alarms} now={now} />
      <Unreadable problems={overview.unreadable} />
    </>
  );
}

/** The next step that is to be expected, as far as floor and endpoint tell. */
export function expected(
  { endpoint, floor, open, target }: Pick<ServiceOverview, "endpoint" | "floor" | "open" | "target">,
  now: number,
): string {
  if (endpoint === undefined || endpoint === "missing") return "The endpoint could not be read.";
  const { currentInstanceCount: current, desiredInstanceCount: desired } = endpoint;
  if (desired > current) return `${desired - current} more ${desired - current === 1 ? "instance starts" : "instances start"}.`;
  if (desired < current) return `${current - desired} ${current - desired === 1 ? "instance stops" : "instances stop"}.`;
  const least = target === undefined || target === "missing" ? undefined : target.minCapacity;
  if (floor?.drain !== undefined) return "The fleet shrinks as soon as nothing runs; new jobs are held until then.";
  if (current === 0) return "Asleep. The next job wakes it at once.";
  if (floor?.idleSince !== undefined) {
    return `Nothing has been open for ${duration(now - Date.parse(floor.idleSince))}: when that has lasted for the idle time, the minimum goes back and the endpoint shrinks.`;
  }
  if (floor?.state === "up")
    return `It stays at ${count(least ?? floor.instances)} or more while jobs are open${open !== undefined && open.total > 0 ? ` (${count(open.total)} at the last count)` : ""}, and grows with the backlog.`;
  return "It shrinks when the alarm for idleness is on.";
}

/** What a schedule does to the bounds, in words. */
export function bounds({ minCapacity: least, maxCapacity: most }: Pick<UpcomingChange, "minCapacity" | "maxCapacity">): string {
  const minimum = least === undefined ? [] : [least === 0 ? "may sleep" : `at least ${count(least)} ${least === 1 ? "runs" : "run"}`];
  return [...minimum, ...(most === undefined ? [] : [`at most ${count(most)}`])].join(", ");
}

/** What a schedule changes next, in a sentence. */
export function nextBySchedule(next: UpcomingChange, now: number): string {
  return `By schedule, in ${age(next.at - now)} (${clock(next.at, now)}): ${bounds(next)}.`;
}

/** Hours of the week in which other bounds hold. */
function Schedule({ upcoming, now }: { upcoming: readonly UpcomingChange[]; now: number }) {
  return (
    <Card title="Scheduled hours" aside="times of this browser">
      <ol class="rows steps">
        {upcoming.map((change) => (
          <li key={change.name}>
            <div class="line">
              <b>
                {clock(change.at, now)}: {bounds(change)}
              </b>
              <span class="when">in {age(change.at - now)}</span>
            </div>
            <p class="muted">
              {change.schedule}, {change.timeZone}
            </p>
          </li>
        ))}
      </ol>
      {upcoming.length === 0 && <p class="calm">No schedule changes anything any more.</p>}
    </Card>
  );
}

/** What an alarm is for: of those that a target tracking policy made for itself, CloudWatch says only that nobody may touch them. */
function purposeOf(description: string): string {
  if (description.startsWith("DO NOT EDIT OR DELETE")) return "Made by target tracking: the backlog of an instance against its target.";
  return description.replace(/ What to do: docs\/runbook\.md#\S+$/, "");
}

function Alarms({ alarms, now }: { alarms: readonly AlarmView[]; now: number }) {
  return (
    <Card title="Alarms" aside={`${alarms.filter(({ state }) => state === "ALARM").length} of ${alarms.length} on`}>
      <div class="wide" tabIndex={0} role="region" aria-label="Table of alarms">
        <table>
          <thead>
            <tr>
              <th scope="col">Alarm</th>
              <th scope="col">State</th>
              <th scope="col">Threshold</th>
              <th scope="col">Last points</th>
              <th scope="col">Does</th>
            </tr>
          </thead>
          <tbody>
            {alarms.map(({ name, state, since, description, threshold, comparison, points, policies }) => (
              <tr key={name}>
                <th scope="row">
                  {shortAlarm(name)}
                  <p class="muted">{purposeOf(description)}</p>
                </th>
                <td>
                  <span class={`state ${state === "ALARM" ? (policies.length > 0 ? "go" : "bad") : state === "OK" ? "good" : "off"}`}>
                    <span class="dot" aria-hidden="true" />
                    {state === "ALARM" ? "On" : state === "OK" ? "Off" : "No data"}
                  </span>
                  <p class="muted">{ago(now, since)}</p>
                </td>
                <td class="number">
                  {comparisons[comparison ?? ""] ?? ""} {count(threshold)}
                </td>
                <td class="number">{points.length === 0 ? "—" : points.slice(-5).map(count).join(", ")}</td>
                <td>
                  {policies.length > 0
                    ? [...new Set(policies)].map(shortAlarm).join(", ")
                    : (/runbook\.md#\S+/.exec(description)?.[0] ?? "notifies")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
