import { useEffect, useState } from "preact/hooks";
import { withoutDeadLink } from "../../core/messages/deadLink";
import type { JobAnswer, JobLogsAnswer, JobObjectsAnswer, Phase, ShownObject } from "../contract";
import { clock, dollars, duration, isOver, pretty, size } from "./format";
import { Card, Confirmed, State, Trouble, useNow } from "./parts";
import { act, followJobs, page, pathOf, Problem, read, wordsOf } from "./server";
import { useStore } from "./store";

/** How often an open job is looked at again, besides whenever it changes. */
const lookMilliseconds = 4000;

/** All about one job. */
export function Job({ jobId }: { jobId: string }) {
  const service = useStore(page, (value) => value.service);
  const [answer, setAnswer] = useState<JobAnswer>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let isGone = false;
    let timer: number | undefined;
    const look = async () => {
      clearTimeout(timer);
      try {
        const found = await read<JobAnswer>(`/jobs/${jobId}`);
        if (isGone) return;
        setAnswer(found);
        setProblem(undefined);
        if (!found.status.ended) timer = window.setTimeout(() => void look(), lookMilliseconds);
      } catch (error) {
        if (isGone) return;
        setProblem(wordsOf(error));
        if (!(error instanceof Problem && error.status === 404)) timer = window.setTimeout(() => void look(), lookMilliseconds);
      }
    };
    void look();
    const unfollow = followJobs(({ changed }) => {
      if (changed.some((row) => row.jobId === jobId)) void look();
    });
    return () => {
      isGone = true;
      clearTimeout(timer);
      unfollow();
    };
  }, [jobId, service]);

  return (
    <article class="job">
      <p class="crumb">
        <a href="#/jobs">Jobs</a>
      </p>
      <header class="title">
        <h1>{jobId}</h1>
        {answer && <State state={answer.status.state} code={answer.status.error?.code} />}
        {answer && <Actions answer={answer} />}
      </header>
      {problem !== undefined && <Trouble>{problem}</Trouble>}
      {answer === undefined && problem === undefined && <p class="loading">Reading the job …</p>}
      {answer && (
        <>
          <Explained answer={answer} />
          <TimeLine phases={answer.phases} isEnded={answer.status.ended} />
          <Objects key={`o-${jobId}-${answer.status.state}`} jobId={jobId} />
          <div class="columns">
            <Details answer={answer} />
            <Attempts answer={answer} />
          </div>
          <Logs key={`l-${jobId}-${answer.status.state}`} jobId={jobId} />
        </>
      )}
    </article>
  );
}

function Actions({ answer: { status, again: cost } }: { answer: JobAnswer }) {
  const { jobId, ended, state } = status;
  const again = async () => {
    const made = await act(`/jobs/${jobId}/again`, {});
    if (made?.jobId !== undefined) location.hash = `#/jobs/${made.jobId}`;
  };
  return (
    <div class="actions">
      {!ended && (
        <Confirmed
          label="Cancel"
          title="Cancel this job?"
          confirm="Cancel the job"
          tone="danger"
          run={() => act(`/jobs/${jobId}/cancel`, {})}
        >
          <p>
            {state === "ACCEPTED"
              ? "It was not invoked yet, and will not be."
              : "The service may have it already, and has no way to stop an invocation: compute may go on, and the result is dropped."}
          </p>
          <p>The job ends as Cancelled, and handlers of failed jobs get its event. This can't be taken back.</p>
        </Confirmed>
      )}
      {/* Of an input that went to the service in the call, nothing is left after the end. */}
      {!(ended && status.inputLocation === undefined) && (
        <Confirmed label="Submit again" title="Submit its input again?" confirm="Submit a new job" run={again}>
          <p>A new job with an id of its own gets the same input, settings and metadata. This one stays as it is.</p>
          <p>The model runs once more: {againText({ again: cost }) ?? "how long is not known"}.</p>
        </Confirmed>
      )}
    </div>
  );
}

function Explained({ answer: { explanation, explanationProblem } }: { answer: JobAnswer }) {
  const now = useNow();
  if (explanation === undefined) return <Trouble>{explanationProblem}</Trouble>;
  const { summary, why, since, next, nextAt, whatYouCanDo, facts } = explanation;
  return (
    <Card title="What is going on" aside={since === undefined ? undefined : `for ${duration(Math.max(0, now - Date.parse(since)))}`}>
      <p class="summary">{summary}</p>
      {why !== "" && <p>{why}</p>}
      <dl class="pairs">
        <dt>Next</dt>
        <dd>
          {nextAt === undefined ? next : next.replace(nextAt, clock(nextAt, now))}
          {nextAt !== undefined && !next.includes(nextAt) && <span class="muted"> {clock(nextAt, now)}</span>}
        </dd>
        {whatYouCanDo.length > 0 && (
          <>
            <dt>What you can do</dt>
            <dd>
              <ul>
                {whatYouCanDo.map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
      <details>
        <summary>Facts it follows from</summary>
        <pre tabIndex={0}>{JSON.stringify(facts, null, 2)}</pre>
      </details>
    </Card>
  );
}

const phaseNames: Readonly<Record<Phase["name"], string>> = {
  accepted: "Accepted",
  waking: "Waking",
  queued: "Queued",
  running: "Running",
  storing: "Storing",
  recording: "Recording",
  handlers: "Handlers",
};

/** A job's life, drawn to scale. */
function TimeLine({ phases, isEnded }: { phases: readonly Phase[]; isEnded: boolean }) {
  const now = useNow();
  const start = phases[0]?.from;
  if (start === undefined) return null;
  const end = phases.at(-1)?.to ?? Math.max(now, phases.at(-1)?.from ?? now);
  const whole = Math.max(1, end - start);
  const spanOf = ({ from, to = end }: Phase) => Math.max(0, to - from);
  return (
    <Card title="Time line" aside={`${duration(whole)}${isEnded ? "" : " so far"}`}>
      <div class="timeline" aria-hidden="true">
        {phases.map((phase) => (
          <span
            key={phase.name}
            class={`phase ${phase.name} ${phase.to === undefined ? "now" : ""}`}
            style={{ width: `${(spanOf(phase) / whole) * 100}%` }}
            title={`${phaseNames[phase.name]} ${duration(spanOf(phase))}`}
          />
        ))}
      </div>
      <ol class="phases">
        {phases.map((phase) => (
          <li key={phase.name}>
            <span class={`swatch phase ${phase.name}`} aria-hidden="true" />
            {phaseNames[phase.name]} <b>{duration(spanOf(phase))}</b>
            {phase.estimated && <span class="muted"> (estimated)</span>}
            {phase.to === undefined && <span class="muted"> until now</span>}
          </li>
        ))}
      </ol>
    </Card>
  );
}

const objectNames = { input: "Input", output: "Output", failure: "What the model said" } as const;

function Objects({ jobId }: { jobId: string }) {
  const [answer, setAnswer] = useState<JobObjectsAnswer>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    read<JobObjectsAnswer>(`/jobs/${jobId}/objects`).then(setAnswer, (error: unknown) => setProblem(wordsOf(error)));
  }, [jobId]);
  if (problem !== undefined) return <Trouble>{problem}</Trouble>;
  return (
    <div class="columns objects">
      {(answer?.objects ?? [{ what: "input" }]).map((object) => (
        <Card
          key={object.what}
          title={objectNames[object.what]}
          aside={
            object.location === undefined ? undefined : (
              <>
                <span class="muted">
                  {object.contentType ?? "no content type"} · {size(object.bytes)}
                </span>{" "}
                <a href={pathOf(`/jobs/${jobId}/object/${object.what}`)} download>
                  Download
                </a>
              </>
            )
          }
        >
          {answer === undefined ? <p class="loading">Reading …</p> : <Shown jobId={jobId} object={object} />}
        </Card>
      ))}
    </div>
  );
}

function Shown({ jobId, object: { what, kind, text, isCut, problem, bytes } }: { jobId: string; object: ShownObject }) {
  const source = pathOf(`/jobs/${jobId}/object/${what}`);
  if (problem !== undefined) return <p class="calm">{problem}</p>;
  if (kind === "image") return <img class="shown" src={source} alt={`${objectNames[what]} of ${jobId}`} />;
  if (kind === "audio") return <audio class="shown" controls src={source} aria-label={`${objectNames[what]} of ${jobId}`} />;
  if (text === undefined) return <p class="calm">{size(bytes)} that are no picture, sound or text: download them.</p>;
  return (
    <>
      <pre tabIndex={0} aria-label={objectNames[what]}>
        {kind === "json" && isCut !== true ? pretty(text) : text}
      </pre>
      {isCut === true && <p class="muted">Its beginning; download it for the rest.</p>}
    </>
  );
}

/** What it would take to run a job again. */
export function againText({ again }: Pick<JobAnswer, "again">): string | undefined {
  if (again === undefined) return undefined;
  const { seconds, costUsd, wakesFirst } = again;
  const price = costUsd === undefined ? "" : `, ${dollars(costUsd)}`;
  const wakes = wakesFirst ? "; the endpoint sleeps, so an instance starts first, and runs on for the idle time" : "";
  return `about ${duration(seconds * 1000)} of an instance${price}${wakes}`;
}

function Details({ answer: { status, costUsd, again, now } }: { answer: JobAnswer }) {
  const { timings, metadata = {}, invocationTimeoutSeconds, requestTtlSeconds, endpointName, traceContext, handlerFailures = {} } = status;
  const pairs: [string, string | undefined][] = [
    ["Accepted", clock(timings.acceptedAt, now)],
    ["Taken by the service", clock(timings.submittedAt, now)],
    ["Finished by the service", clock(timings.finishedAt, now)],
    ["Recorded", clock(timings.recordedAt, now)],
    ["Cost", costUsd === undefined ? undefined : `${dollars(costUsd)} of instance time`],
    ["To run it again", againText({ again })],
    ["Longest run", invocationTimeoutSeconds === undefined ? undefined : duration(invocationTimeoutSeconds * 1000)],
    ["Longest wait", requestTtlSeconds === undefined ? undefined : duration(requestTtlSeconds * 1000)],
    ["Endpoint", endpointName],
    // The trace id is what tracing systems are searched by.
    ["Trace", traceContext?.traceparent?.split("-")[1]],
    ["Input", status.inputLocation],
    ["Output", status.outputLocation],
    ...Object.entries(metadata).map(([key, value]): [string, string] => [key, value]),
    ...Object.entries(handlerFailures).map(([name, { error, count }]): [string, string] => [
      `Handler ${name}`,
      `failed ${count} times: ${error}`,
    ]),
  ];
  return (
    <Card title="Details">
      <dl class="pairs">
        {pairs.flatMap(([name, value]) =>
          value === undefined || value === "" ? [] : [<dt key={`t${name}`}>{name}</dt>, <dd key={`d${name}`}>{value}</dd>],
        )}
      </dl>
    </Card>
  );
}

function Attempts({ answer: { status, attempts } }: { answer: JobAnswer }) {
  return (
    <Card title="Attempts" aside={status.maxAttempts === undefined ? undefined : `at most ${status.maxAttempts}`}>
      {attempts.length === 0 ? (
        <p class="calm">{isOver(status.state) ? "It was never invoked." : "It was not invoked yet."}</p>
      ) : (
        <ol class="rows">
          {attempts.map(({ number, outcome, isNewest }) => (
            <li key={number}>
              <b>{number}</b> {outcome}
              {isNewest && attempts.length > 1 && <span class="muted"> · newest</span>}
            </li>
          ))}
        </ol>
      )}
      {status.refusal !== undefined && <p class="muted">Refused for now: {status.refusal.message}</p>}
    </Card>
  );
}

/** Time, request and level, which Lambda puts before what a function prints. */
const lambdaPrefix = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t\S+\t[A-Z]+\t/;

/** Lines that say something: a function's metrics, which CloudWatch reads out of its log, are the charts'. */
function linesOf(lines: JobLogsAnswer["logs"][number]["lines"]): string[] {
  return lines.flatMap(({ at, message }) => {
    const words = withoutDeadLink(message.replace(lambdaPrefix, ""));
    return words.startsWith('{"_aws":') ? [] : [`${at.slice(11, 23)}  ${words}`];
  });
}

function Logs({ jobId }: { jobId: string }) {
  const [answer, setAnswer] = useState<JobLogsAnswer>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    read<JobLogsAnswer>(`/jobs/${jobId}/logs`).then(setAnswer, (error: unknown) => setProblem(wordsOf(error)));
  }, [jobId]);
  const logs = answer?.logs ?? [];
  const names = { model: "Container", result: "Function that records ends" } as Record<string, string>;
  return (
    <Card title="Logs">
      {problem !== undefined && <Trouble>{problem}</Trouble>}
      {answer === undefined && problem === undefined && <p class="loading">Reading …</p>}
      {logs.map(({ source, lines, unreadable, logGroupName }) => (
        <section key={source} class="log">
          <h3>
            {names[source] ?? `Handler ${source}`} <span class="muted">{logGroupName}</span>
          </h3>
          {unreadable !== undefined && <Trouble>{unreadable.reason}</Trouble>}
          {unreadable === undefined && linesOf(lines).length === 0 && (
            <p class="calm">{lines.length === 0 ? "Nothing that names this job." : "Only its metrics."}</p>
          )}
          {linesOf(lines).length > 0 && <pre tabIndex={0}>{linesOf(lines).join("\n")}</pre>}
        </section>
      ))}
      {answer?.handlersProblem !== undefined && <p class="muted">Handlers’ logs could not be read: {answer.handlersProblem}</p>}
    </Card>
  );
}
