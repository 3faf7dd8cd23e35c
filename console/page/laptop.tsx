import { useEffect, useState } from "preact/hooks";
import type { JudgedCall } from "../contract";
import { ago, clock, duration } from "./format";
import { Card, Trouble, useNow } from "./parts";
import { act, page, read, serviceNow, wordsOf } from "./server";
import { useStore } from "./store";

const speeds = [1, 10, 60, 300];
const skips: readonly [string, number][] = [
  ["1 min", 60],
  ["10 min", 600],
  ["1 h", 3600],
  ["6 h", 21_600],
];

/** What only the embedded cloud has. */
export function Laptop() {
  const laptop = useStore(page, (value) => value.laptop);
  if (laptop === undefined) return <p class="loading">Reading the cloud …</p>;
  return (
    <>
      <h1>Cloud</h1>
      <Clock />
      <Faults />
      <Calls />
      <Card title="Programs">
        <ul class="rows">
          {laptop.programs.map(({ name, resources, services }) => (
            <li key={name}>
              <b>{name}</b>{" "}
              <span class="muted">
                {services.length === 0 ? "no service" : services.join(", ")} · {resources.length} resources
              </span>
              <details>
                <summary>Resources</summary>
                <pre tabIndex={0}>{resources.join("\n")}</pre>
              </details>
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

/** A time as a field for local times takes it: `2026-01-25T22:46`. */
function localTime(at: number): string {
  const offset = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offset).toISOString().slice(0, 16);
}

function Clock() {
  const laptop = useStore(page, (value) => value.laptop);
  const now = useNow(200);
  if (laptop === undefined) return null;
  const { speed, runningTo } = laptop;
  return (
    <Card title="Clock" aside={<time dateTime={new Date(now).toISOString()}>{clock(now, Date.now())}</time>}>
      <div class="choices" role="group" aria-label="How fast the clock runs">
        {speeds.map((each) => (
          <button
            type="button"
            key={each}
            aria-pressed={speed === each && runningTo === undefined}
            onClick={() => void act("/laptop/speed", { speed: each })}
          >
            {each === 1 ? "Real time" : `${each} ×`}
          </button>
        ))}
      </div>
      <div class="choices" role="group" aria-label="Let time pass">
        {skips.map(([label, seconds]) => (
          <button type="button" key={label} disabled={runningTo !== undefined} onClick={() => void act("/laptop/skip", { seconds })}>
            + {label}
          </button>
        ))}
      </div>
      <form
        class="choices"
        onSubmit={(event) => {
          event.preventDefault();
          const to = new FormData(event.currentTarget).get("to");
          if (typeof to === "string") void act("/laptop/skip", { to: Date.parse(to) });
        }}
      >
        <label class="inline">
          <span>Until</span> <input type="datetime-local" name="to" required step={60} defaultValue={localTime(serviceNow() + 3_600_000)} />
        </label>
        <button type="submit" disabled={runningTo !== undefined}>
          Let it pass
        </button>
      </form>
      <p class="muted">
        {runningTo === undefined
          ? `Each second of yours is ${duration(speed * 1000)} of the cloud. A model computes at its own pace.`
          : `Letting time pass until ${clock(runningTo, now)}.`}
      </p>
    </Card>
  );
}

function Faults() {
  const faults = useStore(page, (value) => value.laptop?.faults) ?? [];
  return (
    <Card title="Faults" aside={`${faults.filter(({ isOn }) => isOn).length} on`}>
      <p class="muted">A fault that is on happens once to every job that meets it from now on.</p>
      <ul class="toggles">
        {faults.map(({ kind, what, isOn, happened }) => (
          <li key={kind}>
            <label>
              <input
                type="checkbox"
                role="switch"
                checked={isOn}
                onChange={(event) => void act("/laptop/fault", { kind, isOn: event.currentTarget.checked })}
              />
              <span>
                <b>{kind}</b> <span class="muted">{what}</span>
                {happened > 0 && <span class="badge">{happened}</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** What functions and services asked for, and which statement decided. */
function Calls() {
  const [calls, setCalls] = useState<JudgedCall[]>([]);
  const [problem, setProblem] = useState<string>();
  const [isDeniedOnly, setDeniedOnly] = useState(false);
  const now = useNow(2000);
  useEffect(() => {
    const look = () =>
      read<{ calls: JudgedCall[] }>("/laptop/calls").then(
        (answer) => {
          setCalls(answer.calls);
          setProblem(undefined);
        },
        (error: unknown) => setProblem(wordsOf(error)),
      );
    void look();
    const timer = setInterval(() => void look(), 2000);
    return () => clearInterval(timer);
  }, []);
  const shown = calls.filter(({ isAllowed }) => !isDeniedOnly || !isAllowed);
  return (
    <Card
      title="Calls, and what decided them"
      aside={
        <label class="inline">
          <input type="checkbox" checked={isDeniedOnly} onChange={(event) => setDeniedOnly(event.currentTarget.checked)} /> denied only
        </label>
      }
    >
      {problem !== undefined && <Trouble>{problem}</Trouble>}
      {shown.length === 0 && <p class="calm">{isDeniedOnly ? "None was denied." : "No function has called anything yet."}</p>}
      {shown.length > 0 && (
        <div class="wide tall" tabIndex={0} role="region" aria-label="Table of calls">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">Action</th>
                <th scope="col">Resource</th>
                <th scope="col">Decided by</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, 200).map(({ at, who, action, resource, isAllowed, because, count }) => (
                <tr key={`${who} ${action} ${resource} ${because}`}>
                  <td class="when">
                    {ago(now, at)}
                    {count > 1 && <span class="muted"> ×{count}</span>}
                  </td>
                  <td>{who}</td>
                  <td>{action}</td>
                  <td class="resource">{resource.split(":").slice(5).join(":") || resource}</td>
                  <td>
                    <span class={`state ${isAllowed ? "good" : "bad"}`}>
                      <span class="dot" aria-hidden="true" />
                      {because}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
