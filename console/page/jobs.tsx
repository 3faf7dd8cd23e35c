import { useEffect, useRef, useState } from "preact/hooks";
import type { JobRow, JobsAnswer } from "../contract";
import { DropFile } from "./drop";
import { age, clock, duration, isOver, states } from "./format";
import { State, Trouble, useNow } from "./parts";
import { followJobs, page, read, serviceNow, wordsOf } from "./server";
import { useStore } from "./store";

/** Height of a row, in pixels: page.css has it too. */
const rowHeight = 40;
/** Rows beyond the visible ones that are drawn, so that scrolling shows no gap. */
const margin = 12;

const spans: Readonly<Record<string, number>> = { "1h": 3600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 };

/** What the list is narrowed by, as it stands in the address. */
interface Filter {
  state: string;
  code: string;
  id: string;
  metadata: string;
  since: string;
}

function filterIn(hash: string): Filter {
  const query = new URLSearchParams(hash.split("?")[1] ?? "");
  const given = (name: string) => query.get(name) ?? "";
  return { state: given("state"), code: given("code"), id: given("id"), metadata: given("metadata"), since: given("since") || "7d" };
}

function queryOf({ since, ...filter }: Filter): Record<string, string> {
  return { ...filter, since: new Date(serviceNow() - (spans[since] ?? 604_800) * 1000).toISOString() };
}

/** Every job, newest first. */
export function Jobs({ hash }: { hash: string }) {
  const filter = filterIn(hash);
  return (
    <>
      <h1 class="hidden">Jobs</h1>
      <DropFile />
      <Filters filter={filter} />
      <List key={JSON.stringify(filter)} filter={filter} />
    </>
  );
}

function Filters({ filter }: { filter: Filter }) {
  const change = (name: keyof Filter, value: string) => {
    const next = Object.entries({ ...filter, [name]: value }).filter(([key, each]) => each !== "" && !(key === "since" && each === "7d"));
    location.hash = `#/jobs${next.length > 0 ? `?${new URLSearchParams(next)}` : ""}`;
  };
  const field = (name: "code" | "id" | "metadata", label: string, placeholder: string) => (
    <label>
      <span>{label}</span>
      <input
        type="search"
        name={name}
        value={filter[name]}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        onChange={(event) => change(name, event.currentTarget.value.trim())}
      />
    </label>
  );
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>State</span>
        <select name="state" value={filter.state} onChange={(event) => change("state", event.currentTarget.value)}>
          <option value="">Any</option>
          <option value="OPEN">Open</option>
          {Object.entries(states).map(([state, { label }]) => (
            <option key={state} value={state}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {field("code", "Code", "MODEL_ERROR")}
      {field("id", "Job", "id, or its beginning")}
      {field("metadata", "Metadata", "key=value")}
      <label>
        <span>Accepted within</span>
        <select name="since" value={filter.since} onChange={(event) => change("since", event.currentTarget.value)}>
          {Object.keys(spans).map((span) => (
            <option key={span} value={span}>
              {span}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

/** The rows: read in parts as they are scrolled to, drawn only where they are seen, changed as the jobs do. */
function List({ filter }: { filter: Filter }) {
  const service = useStore(page, (value) => value.service);
  const [rows, setRows] = useState<JobRow[]>([]);
  const [end, setEnd] = useState<{ next?: string; searched: number; isReading: boolean; problem?: string }>({
    searched: 0,
    isReading: true,
  });
  const [view, setView] = useState({ top: 0, height: 800 });
  const box = useRef<HTMLDivElement>(null);
  const [fresh, setFresh] = useState(0);
  const query = useRef(queryOf(filter));
  const now = useNow();

  const more = async (cursor: string | undefined) => {
    setEnd((known) => ({ ...known, isReading: true }));
    try {
      const part = await read<JobsAnswer>("/jobs", { ...query.current, cursor });
      setRows((known) => merged(cursor === undefined ? [] : known, part.jobs));
      setEnd((known) => ({
        ...(part.next !== undefined && { next: part.next }),
        searched: known.searched + part.searched,
        isReading: false,
      }));
    } catch (error) {
      setEnd((known) => ({ ...known, isReading: false, problem: wordsOf(error) }));
    }
  };
  useEffect(() => void more(undefined), [service]);

  useEffect(
    () =>
      followJobs(({ changed }) => {
        setRows((known) => {
          const listed = new Set(known.map(({ jobId }) => jobId));
          const added = changed.filter((row) => !listed.has(row.jobId) && isAsked(row, filter) && isNewer(row, known));
          const scrolled = (box.current?.scrollTop ?? 0) > rowHeight;
          // Whoever reads further down keeps what is read in its place.
          if (scrolled && added.length > 0 && box.current) box.current.scrollTop += added.length * rowHeight;
          if (scrolled) setFresh((number) => number + added.length);
          const changes = new Map(changed.map((row) => [row.jobId, row]));
          const updated = known.flatMap((row) => {
            const change = changes.get(row.jobId);
            if (change === undefined) return [row];
            return isAsked(change, filter) ? [{ ...row, ...change }] : [];
          });
          return merged(added, updated);
        });
      }),
    [service],
  );

  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(view.top / rowHeight) - margin);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + margin);
  useEffect(() => {
    if (end.next !== undefined && !end.isReading && end.problem === undefined && last > rows.length - 60) void more(end.next);
  }, [last, rows.length, end]);

  return (
    <div class="list">
      <div
        class="scroller"
        ref={box}
        tabIndex={0}
        role="region"
        aria-label="Jobs, newest first"
        onScroll={(event) => {
          const { scrollTop: top, clientHeight: height } = event.currentTarget;
          setView({ top, height });
          if (top <= rowHeight) setFresh(0);
        }}
      >
        <div role="table" aria-label="Jobs" aria-rowcount={end.next === undefined ? rows.length + 1 : -1}>
          <div class="row head" role="row" aria-rowindex={1}>
            {["Job", "State", "Accepted", "Took"].map((name) => (
              <span role="columnheader" key={name}>
                {name}
              </span>
            ))}
          </div>
          <div role="rowgroup" class="body" style={{ height: `${rows.length * rowHeight}px` }}>
            {rows.slice(first, last).map((row, index) => (
              <Row key={row.jobId} row={row} index={first + index} now={now} />
            ))}
          </div>
        </div>
        {rows.length === 0 && !end.isReading && end.problem === undefined && (
          <p class="empty">
            No jobs. {end.searched > 0 ? `${end.searched.toLocaleString("en-US")} were looked at.` : "Submit one, and it appears here."}
          </p>
        )}
        {end.problem !== undefined && <Trouble>{end.problem}</Trouble>}
      </div>
      {fresh > 0 && (
        <button type="button" class="fresh" onClick={() => box.current?.scrollTo({ top: 0 })}>
          {fresh} newer
        </button>
      )}
      <p class="foot" role="status">
        {rows.length.toLocaleString("en-US")} {end.next === undefined ? "jobs" : "jobs read; scroll for older ones"}
        {end.isReading ? " · reading" : ""}
      </p>
    </div>
  );
}

function Row({ row, index, now }: { row: JobRow; index: number; now: number }) {
  const { jobId, state, code, createdAt, endedAt, metadata } = row;
  const accepted = Date.parse(createdAt);
  const words =
    metadata === undefined
      ? ""
      : Object.entries(metadata)
          .map(([key, value]) => `${key}=${value}`)
          .join(" ");
  return (
    <div class="row" role="row" aria-rowindex={index + 2} data-job={jobId} style={{ top: `${index * rowHeight}px` }}>
      <span role="cell" class="id">
        <a href={`#/jobs/${jobId}`}>{jobId}</a>
        {words !== "" && <span class="words">{words}</span>}
      </span>
      <span role="cell">
        <State state={state} code={code} />
      </span>
      <span role="cell" class="when" title={createdAt}>
        {clock(createdAt, now)}
        <span class="muted"> · {age(now - accepted)} ago</span>
      </span>
      <span role="cell" class="took">
        {endedAt === undefined ? (
          isOver(state) ? (
            ""
          ) : (
            <span class="muted">{duration(Math.max(0, now - accepted)).replace(/\.\d s/, " s")}</span>
          )
        ) : (
          duration(Date.parse(endedAt) - accepted)
        )}
      </span>
    </div>
  );
}

/** Newest first, each job once. */
function merged(a: readonly JobRow[], b: readonly JobRow[]): JobRow[] {
  const seen = new Set<string>();
  const all: JobRow[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    const next = right === undefined || (left !== undefined && left.createdAt >= right.createdAt) ? (i++, left) : (j++, right);
    if (next === undefined || seen.has(next.jobId)) continue;
    seen.add(next.jobId);
    all.push(next);
  }
  return all;
}

/** Whether a job that has changed belongs into the list, as far as its row tells. */
function isAsked({ state, code, jobId }: JobRow, filter: Filter): boolean {
  if (filter.state === "OPEN" ? isOver(state) : filter.state !== "" && filter.state !== state) return false;
  if (filter.code !== "" && filter.code !== code) return false;
  return jobId.startsWith(filter.id) && filter.metadata === "";
}

/** What is older than all that is read comes when it is scrolled to. */
function isNewer(row: JobRow, known: readonly JobRow[]): boolean {
  const oldest = known.at(-1);
  return oldest === undefined || row.createdAt >= oldest.createdAt;
}
