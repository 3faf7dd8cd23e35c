import { extensionOf } from "../core/messages/contentTypes";
import { mkdir, rename } from "node:fs/promises";
import path from "node:path";
import type { AsyncJob, InferenceResult, JobProgress, ResultStream, SavedResult } from "../client";
import { lookingFails, lookingWorksAgain } from "../client/waiting/waits";
import { readContent } from "../core/messages/content";
import type { CodedError } from "../core/records/errors";
import { exitCodeOf, exitCodes, worst, type ExitCode } from "./exitCodes";
import { exactJson } from "./exactJson";
import { isLoopback } from "./aws";
import { codedFrom, isNobodyThere, nobodyAnswers } from "./failure";
import { LiveJobs } from "./live";
import { nameInRow, oneLine, printable } from "./output";
import { codedIn, type Session } from "./session";
import { elapsed, endState } from "./states";
import { shownData } from "./commands/result";

/** A job that is waited for. */
export interface FollowedJob {
  job: AsyncJob;
  /** The input as its user wrote it. */
  input?: string;
}

/** How jobs are waited for. */
export interface FollowOptions {
  timeoutSeconds: number;
  displayResults?: boolean;
  /** Folder that results are written to. */
  output?: string;
  /** Whether anybody is to see jobs move on a terminal. What is said meanwhile comes after their end. @default true */
  live?: boolean;
}

/** How long a command waits unless an option says so: the client's own default. */
export const defaultWaitSeconds = 1200;

/** Waits for jobs, showing each as it ends, and remembers how they went. */
export class Following {
  private readonly ends: ExitCode[] = [];
  private readonly open: string[] = [];
  private readonly taken = new Set<string>();
  private readonly live: LiveJobs;
  /** What is to be said when the live list has left the terminal. */
  private readonly later: (() => void)[] = [];
  /** Ends every wait: the cloud is gone, and its jobs with it. */
  private readonly gone = new AbortController();
  private readonly signal: AbortSignal;
  /** Whether nothing can be asked at present. */
  private isBlind = false;

  constructor(
    private readonly session: Session,
    private readonly options: FollowOptions,
  ) {
    this.live = new LiveJobs(options.live === false ? undefined : session.output.live);
    this.signal = AbortSignal.any([session.signal, this.gone.signal]);
    session.onLog = (line) => this.hear(line);
  }

  /** Waits for one job; never rejects. */
  async follow(followed: FollowedJob): Promise<void> {
    const { job, input } = followed;
    this.live.progress(job.jobId, input, "waiting");
    const over = new AbortController();
    void this.watch(followed, AbortSignal.any([over.signal, this.signal]));
    try {
      const end = await this.end(followed);
      this.live.ended(job.jobId, input, end.shown.state);
      this.say(() => this.show(end));
      this.ends.push(end.shown.error === undefined ? exitCodes.done : exitCodes.failed);
    } catch (error) {
      const coded = this.gone.signal.aborted ? (this.gone.signal.reason as CodedError) : codedIn(this.session, error);
      const exitCode = exitCodeOf(coded.code);
      this.ends.push(exitCode);
      this.live.left(job.jobId);
      const goesOn = exitCode === exitCodes.timedOut || exitCode === exitCodes.interrupted;
      if (goesOn) this.open.push(job.jobId);
      // On a terminal one sentence at the end is enough for all that were interrupted.
      if (exitCode === exitCodes.interrupted && !this.session.output.json) return;
      const known = this.isBlind ? "Whether the job goes on is not known." : "The job goes on.";
      const advised = goesOn ? { ...coded, advice: `${known} Come back with: ${this.wayBack([job.jobId])}` } : coded;
      this.say(() => this.session.output.error(advised, { jobId: job.jobId }));
    } finally {
      over.abort();
    }
  }

  /** Runs `work`, which follows jobs, with a live list on a terminal. @returns the exit code */
  async during(work: () => Promise<void>): Promise<ExitCode> {
    await this.live.during(work);
    for (const say of this.later) say();
    if (this.session.signal.aborted && this.open.length > 0) {
      const one = this.open.length === 1;
      const goOn = one ? "1 job goes on" : `${this.open.length} jobs go on`;
      const jobs = this.isBlind ? `whether ${goOn} is not known` : goOn;
      this.session.output.note(`Interrupted: ${jobs}. Come back with:\n  ${this.wayBack(this.open)}`);
    }
    return worst(this.ends);
  }

  /** Shows that an input did not become a job. */
  refused(coded: CodedError, input: string): void {
    this.ends.push(exitCodeOf(coded.code));
    this.say(() => this.session.output.error(coded, { file: input }));
  }

  /** Remembers an end that has been reported, or needs no words. */
  count(exitCode: ExitCode): void {
    this.ends.push(exitCode);
  }

  private say(words: () => void): void {
    if (this.live.active) this.later.push(words);
    else words();
  }

  private wayBack(jobIds: readonly string[]): string {
    return `${this.session.invokedAs} wait ${jobIds.join(" ")} ${this.session.target?.written ?? ""}`.trimEnd();
  }

  /** What the client logs: that nothing can be asked about the jobs, and that it can again. */
  private hear({ message, reason }: Record<string, unknown>): void {
    const { target } = this.session;
    if (message === lookingWorksAgain) {
      this.isBlind = false;
      this.tell("The jobs can be asked about again.");
    }
    if (message !== lookingFails) return;
    this.isBlind = true;
    const nobody = isNobodyThere(String(reason)) && target !== undefined ? nobodyAnswers(target) : undefined;
    // On this machine no network lies between: the process has ended, and an embedded cloud's jobs end with it.
    if (nobody !== undefined && isLoopback(target?.endpointUrl as string)) {
      this.gone.abort({ ...nobody, advice: `An embedded cloud's jobs end with it. ${nobody.advice}` });
      return;
    }
    const words = nobody?.message ?? `Nothing can be asked about the jobs: ${oneLine(String(reason))}`;
    this.tell(`${words.replace(/\.$/, "")}. The command keeps asking; Ctrl-C ends the wait.`);
  }

  /** Says something while jobs are waited for. */
  private tell(words: string): void {
    if (this.live.active) this.live.note(words);
    else this.session.output.note(words);
  }

  /** Tells the live list how a job moves. */
  private async watch({ job, input }: FollowedJob, signal: AbortSignal): Promise<void> {
    if (!this.live.active) return;
    try {
      for await (const progress of job.progress({ signal })) this.live.progress(job.jobId, input, phaseOf(progress));
    } catch {
      // Progress is for the eye: what is wrong with the job, the wait says.
    }
  }

  private async end({ job, input }: FollowedJob): Promise<JobEnd> {
    const { timeoutSeconds, displayResults, output } = this.options;
    const wait = { timeoutSeconds, signal: this.signal };
    if (output !== undefined) {
      const result = await this.save(job, input, output, wait);
      const file = result.success ? result.data.path : undefined;
      return { shown: shownEnd(result, input, file) };
    }
    if (displayResults === true) {
      const result = await job.result({ ...wait, as: "bytes" });
      return { shown: shownEnd(result, input), ...(result.success && { data: result.data }) };
    }
    // The end is wanted, not the result: as a stream it stays where it is.
    const result: InferenceResult<ResultStream> = await job.result({ ...wait, as: "stream" });
    if (result.success) result.data.destroy();
    return { shown: shownEnd(result, input) };
  }

  private async save(
    job: AsyncJob,
    input: string | undefined,
    folder: string,
    wait: { timeoutSeconds: number; signal: AbortSignal },
  ): Promise<InferenceResult<SavedResult>> {
    await mkdir(folder, { recursive: true });
    const own = input === undefined || input === "-" ? job.jobId : path.basename(input);
    // With a job's id and an ending it must not be longer than a file's name can be.
    const base = Buffer.byteLength(own) > 160 ? job.jobId : own;
    // Two inputs of one name must not write to one file.
    const name = this.taken.has(base) ? `${base}.${job.jobId}` : base;
    this.taken.add(name);
    const result = await job.result({ ...wait, toFile: path.join(folder, `${name}.result`) });
    if (!result.success) return result;
    const finalPath = path.join(folder, `${name}.${extensionOf(result.data.contentType ?? result.contentType) ?? "bin"}`);
    await rename(result.data.path, finalPath);
    return { ...result, data: { ...result.data, path: finalPath } };
  }

  private show({ shown, data }: JobEnd): void {
    const { output } = this.session;
    const document = { ...shown, ...(data !== undefined && shownData(data, shown.contentType)) };
    output.show(document, (paint) => {
      const right = shown.error === undefined;
      const error = shown.error && `${shown.error.code}: ${shown.error.message}`;
      const result = data === undefined ? "" : `\n${text(data, shown.contentType, output.isTerminal)}`;
      const words = [
        paint("bold", shown.jobId),
        paint(right ? "green" : "red", shown.state),
        shown.input && nameInRow(shown.input),
        elapsed(shown.timings),
      ];
      if (!output.isTerminal) {
        const row = [...words, shown.file && nameInRow(shown.file), error && oneLine(error)];
        return `${row.filter((word) => word !== undefined).join("\t")}${result}`;
      }
      const mark = paint(right ? "green" : "red", right ? "✔" : "✘");
      const below = [shown.file, error && printable(error)].flatMap((line) => (line === undefined ? [] : `\n${output.fit(line, 2)}`));
      const advice =
        shown.error === undefined || shown.error.advice === "" ? "" : `\n${paint("dim", output.fit(printable(shown.error.advice), 2))}`;
      return `${mark} ${words.filter((word) => word !== undefined).join("  ")}${below.join("")}${advice}${result}`;
    });
  }
}

/** A job's end as `--json` shows it. */
interface ShownEnd {
  jobId: string;
  state: "COMPLETED" | ReturnType<typeof endState>;
  input?: string;
  inferenceId: string;
  outputLocation?: string;
  failureLocation?: string;
  contentType?: string;
  /** Where the result was written. */
  file?: string;
  error?: CodedError;
  timings: InferenceResult["timings"];
}

interface JobEnd {
  shown: ShownEnd;
  data?: Uint8Array;
}

function shownEnd(result: InferenceResult, input: string | undefined, file?: string): ShownEnd {
  const { jobId, inferenceId, outputLocation, failureLocation, contentType, timings } = result;
  const error = result.success ? undefined : codedFrom(result.error);
  const state = error === undefined ? "COMPLETED" : endState(error);
  return {
    jobId,
    state,
    ...(input !== undefined && { input }),
    inferenceId,
    ...(error === undefined && outputLocation !== undefined && { outputLocation }),
    ...(error !== undefined && failureLocation !== undefined && { failureLocation }),
    ...(contentType !== undefined && { contentType }),
    ...(file !== undefined && { file }),
    ...(error !== undefined && { error }),
    timings,
  };
}

/** A result for people: text as it is, other bytes in a sentence. */
function text(bytes: Uint8Array, contentType: string | undefined, indented: boolean): string {
  const content = readContent(bytes, contentType);
  if (content.kind === "bytes") return `  ${bytes.length} bytes of ${contentType ?? "unknown content"}: --output DIR writes them to a file`;
  const own = Buffer.from(bytes).toString();
  const json = content.kind === "json" ? exactJson(own) : undefined;
  return printable(json === undefined ? own : JSON.stringify(json.value, null, indented ? 2 : 0)).trimEnd();
}

/** What a job is doing, in words; what is estimated says so. */
function phaseOf({ state, estimated }: JobProgress): string {
  if (estimated === undefined) return state.toLowerCase();
  const { phase, position } = estimated;
  return `${phase}${phase === "queued" && position !== undefined ? `, about number ${position}` : ""} (estimated)`;
}
