import { useEffect, useState } from "preact/hooks";
import type { MetricPoint } from "../../client/overview/types";
import type { JobRow, JobsAnswer, OverviewMessage } from "../contract";
import { shortAlarm } from "../server/steps";
import { Chart } from "./chart";
import { ago, count, dollars, duration, states } from "./format";
import { Card, Figure, State, Trouble, useNow } from "./parts";
import { followJobs, page, read, wordsOf } from "./server";
import { useStore } from "./store";
import { DropFile } from "./drop";

const hourMilliseconds = 3_600_000;

const mostNewest = 6;

/** How the service is, at a glance. */
export function Overview() {
  const message = useStore(page, ({ overview }) => overview);
  const now = useNow();
  if (message === undefined) return <p class="loading">Reading the service …</p>;
  const { overview } = message;
  return (
    <>
      <h1 class="hidden">Overview</h1>
      <Sentence message={message} now={now} />
      <DropFile />
      <Figures message={message} now={now} />
      <Charts message={message} now={now} />
      <Newest now={now} />
      <div class="columns">
        <Alarms />
        <Floor message={message} now={now} />
      </div>
      <Unreadable problems={overview.unreadable} />
    </>
  );
}

/** What is going on, in one sentence. */
function Sentence({ message: { overview, open }, now }: { message: OverviewMessage; now: number }) {
  const { endpoint, backlog } = overview;
  if (endpoint === undefined) return null;
  if (endpoint === "missing") return <p class="sentence bad">The endpoint does not exist.</p>;
  const { status, currentInstanceCount: running, desiredInstanceCount: wanted, failureReason } = endpoint;
  const jobs = `${count(open.total)} ${open.total === 1 ? "job is" : "jobs are"} open`;
  const said = (() => {
    if (status === "Failed") return `The endpoint has failed. ${failureReason ?? ""}`;
    if (open.total === 0 && running === 0) return "Asleep: nothing is open, and no instance costs anything.";
    if (open.total === 0) return `Nothing is open; ${instances(running)} ${running === 1 ? "waits" : "wait"} for work.`;
    if (running === 0) return `Waking up: ${jobs}, and no instance runs yet.`;
    if (wanted > running) return `Growing: ${jobs}; ${running} of ${instances(wanted)} run.`;
    const oldest = open.oldestCreatedAt === undefined ? "" : `, the oldest for ${duration(now - Date.parse(open.oldestCreatedAt))}`;
    return `Working: ${jobs}${oldest}${backlog !== undefined && backlog.size > 0 ? `; ${count(backlog.size)} wait in the queue` : ""}.`;
  })();
  return <p class={`sentence ${status === "Failed" ? "bad" : ""}`}>{said}</p>;
}

function instances(number: number): string {
  return `${count(number)} ${number === 1 ? "instance" : "instances"}`;
}

function Figures({ message: { overview, open, perMinute }, now }: { message: OverviewMessage; now: number }) {
  const cost = useStore(page, (value) => value.cost);
  const { endpoint, backlog, target, instanceType, deadLetters } = overview;
  const known = endpoint === undefined || endpoint === "missing" ? undefined : endpoint;
  const current = known?.currentInstanceCount;
  const starting = known === undefined ? 0 : Math.max(0, known.desiredInstanceCount - known.currentInstanceCount);
  const byState = Object.entries(open.states).flatMap(([state, number]) =>
    number ? [`${number} ${states[state]?.label.toLowerCase() ?? state}`] : [],
  );
  const price = cost?.pricePerHourUsd;
  // A first instance reports its load a minute after it runs.
  const hasMetrics = Boolean(cost?.hours) && !(cost?.instanceHours === 0 && (current ?? 0) > 0);
  const idle = cost === undefined || cost.instanceHours === 0 ? undefined : cost.idleHours / cost.instanceHours;
  return (
    <dl class="figures">
      <Figure
        id="open"
        label="Open jobs"
        value={count(open.total)}
        detail={byState.length > 0 ? byState.join(", ") : open.isExact ? "none" : `counted ${ago(now, overview.open?.countedAt)}`}
      />
      <Figure
        id="instances"
        label="Instances"
        value={
          <>
            {count(current)}
            <small> of {count(known?.desiredInstanceCount)}</small>
          </>
        }
        detail={
          starting > 0
            ? `${starting} starting`
            : target === undefined || target === "missing"
              ? (instanceType ?? "")
              : `${target.minCapacity} to ${target.maxCapacity} allowed`
        }
        {...(starting > 0 && { tone: "go" })}
      />
      <Figure
        label="In the queue"
        value={count(backlog?.size ?? (known === undefined ? undefined : 0))}
        detail={
          backlog?.oldestRequestSeconds !== undefined && backlog.size > 0
            ? `the oldest for ${duration(backlog.oldestRequestSeconds * 1000)}`
            : "nothing waits"
        }
      />
      <Figure
        id="ends"
        label="Ended in the last minute"
        value={
          <>
            {count(perMinute.completed + perMinute.failed + perMinute.cancelled)}
            {perMinute.failed > 0 && <small class="bad"> {count(perMinute.failed)} failed</small>}
          </>
        }
        detail={deadLetters ? <a href="#/letters">{count(deadLetters)} dead letters</a> : "no dead letters"}
      />
      <Figure
        label="Cost, last 24 h"
        value={price === undefined || !hasMetrics ? "—" : dollars((cost?.instanceHours ?? 0) * price)}
        detail={
          !hasMetrics
            ? "metrics come minutes late"
            : price === undefined
              ? `the price of ${instanceType ?? "the type"} is not known`
              : `${count(cost?.instanceHours)} instance hours at ${dollars(price)}`
        }
      />
      <Figure
        label="Idle share"
        value={idle === undefined ? "—" : `${Math.round(idle * 100)} %`}
        detail={idle === undefined ? (hasMetrics ? "no instance ran" : "no metrics yet") : "of instance time, no job was open"}
      />
    </dl>
  );
}

function Charts({ message: { overview, open }, now }: { message: OverviewMessage; now: number }) {
  const series = useStore(page, (value) => value.series);
  if (series === undefined) return null;
  const { endpoint, backlog } = overview;
  const running = endpoint === undefined || endpoint === "missing" ? undefined : endpoint.currentInstanceCount;
  // What the figures above say is where each line ends.
  const upToNow = (points: readonly MetricPoint[], value: number | undefined) =>
    value === undefined ? points : [...points.filter(([at]) => at < now), [now, value] as const];
  const range = { from: now - hourMilliseconds, to: now };
  return (
    <div class="charts">
      <Chart
        title="Jobs"
        {...range}
        series={[
          { label: "open", color: "c1", points: upToNow(series.open, open.total) },
          { label: "in the queue", color: "c2", points: upToNow(series.backlog, backlog?.size) },
        ]}
      />
      <Chart title="Instances" {...range} series={[{ label: "running", color: "c3", points: upToNow(series.instances, running) }]} />
      <Chart
        title="Ends per minute"
        {...range}
        series={[
          { label: "completed", color: "c4", points: series.completed, isBars: true },
          { label: "failed", color: "c5", points: series.failed, isBars: true },
        ]}
      />
    </div>
  );
}

/** The newest jobs, as they go. */
function Newest({ now }: { now: number }) {
  const [rows, setRows] = useState<JobRow[]>([]);
  const [calm, setCalm] = useState<string>();
  const service = useStore(page, (value) => value.service);
  useEffect(() => {
    const take = (changed: readonly JobRow[]) =>
      setRows((known) => {
        const all = new Map([...known, ...changed].map((row) => [row.jobId, row]));
        return [...all.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, mostNewest);
      });
    setRows([]);
    setCalm(undefined);
    read<JobsAnswer>("/jobs", {}).then(
      ({ jobs }) => {
        take(jobs.slice(0, mostNewest));
        setCalm("No job in the last day.");
      },
      (error: unknown) => setCalm(wordsOf(error)),
    );
    return followJobs(({ changed }) => take(changed));
  }, [service]);
  return (
    <Card title="Newest jobs" aside={<a href="#/jobs">All jobs</a>}>
      {rows.length === 0 && <p class="calm">{calm ?? "Reading …"}</p>}
      <ul class="rows newest">
        {rows.map(({ jobId, state, code, createdAt, endedAt }) => (
          <li key={jobId} data-job={jobId}>
            <a href={`#/jobs/${jobId}`}>{jobId}</a>
            <State state={state} code={code} />
            <span class="when">{ago(now, createdAt)}</span>
            <span class="when">{endedAt === undefined ? "" : `took ${duration(Date.parse(endedAt) - Date.parse(createdAt))}`}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Alarms that are on, each with what its runbook says first. */
function Alarms() {
  const alarms = useStore(page, ({ overview }) => overview?.overview.alarms) ?? [];
  const now = useNow(5000);
  // An alarm that scales is on whenever there is work: that is no trouble.
  const own = alarms.filter(({ policies }) => policies.length === 0);
  const on = own.filter(({ state }) => state === "ALARM");
  return (
    <Card title="Alarms" aside={<a href="#/scaling">All {alarms.length}</a>}>
      {on.length === 0 ? (
        <p class="calm">
          {own.length === 0 ? "No alarm notifies anybody; those that scale are on the page Scaling." : `${own.length} alarms, none is on.`}
        </p>
      ) : (
        <ul class="rows">
          {on.map(({ name, since, description, reason }) => (
            <li key={name}>
              <div class="line">
                <span class="state bad">
                  <span class="dot" aria-hidden="true" />
                  {shortAlarm(name)}
                </span>
                <span class="when">{ago(now, since)}</span>
              </div>
              <p>{description.replace(/ What to do: docs\/runbook\.md#\S+$/, "")}</p>
              <p class="muted">
                {reason} What to do: <b>{/docs\/runbook\.md#\S+/.exec(description)?.[0] ?? "see the runbook"}</b>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Floor({ message: { overview, open, steps }, now }: { message: OverviewMessage; now: number }) {
  const { floor } = overview;
  const said = (() => {
    if (floor === undefined) return "No job has been here yet: the endpoint may sleep.";
    const { state, instances: number, idleSince, drain } = floor;
    if (drain !== undefined) return `The fleet is emptied to shrink, since ${ago(now, drain.since)}: new jobs are held until then.`;
    if (state === "down") return "Down: nothing is open, so that the endpoint may shrink and sleep.";
    if (state === "lowering") return "Going down: nothing has been open for long.";
    // Raised by whoever submitted, it is one at least; the sweep then writes how many.
    const least = Math.max(1, number);
    const kept = `At least ${instances(least)} ${least === 1 ? "is" : "are"} kept`;
    return idleSince === undefined
      ? `${kept}: jobs ${open.total > 0 ? "are" : "were"} open${open.total > 0 ? "" : " at the last count"}.`
      : `${kept} for now: nothing has been open for ${duration(now - Date.parse(idleSince))}.`;
  })();
  return (
    <Card title="What keeps instances">
      <p class="calm">{said}</p>
      {steps[0] !== undefined && (
        <p class="muted">
          Last change, {ago(now, steps[0].startedAt)}: {steps[0].words}. <a href="#/scaling">All changes</a>
        </p>
      )}
    </Card>
  );
}

/** What the reader's role may not read, and the statement that lets it. */
export function Unreadable({ problems }: { problems: readonly { source: string; reason: string; statement?: unknown }[] }) {
  if (problems.length === 0) return null;
  return (
    <Card title="What could not be read">
      {problems.map(({ source, reason, statement }) => (
        <Trouble key={source}>
          {source}: {reason}
          {statement !== undefined && (
            <>
              {" "}
              Add to the policy of your role: <code>{JSON.stringify(statement)}</code>
            </>
          )}
        </Trouble>
      ))}
    </Card>
  );
}
