import { Argument, type Command } from "commander";
import { readTraceparent } from "../../core/tracing/traceContext";
import type { JobStatus } from "../../client";
import { moment } from "../../core/duration";
import { exitCodeOf, worst, type ExitCode } from "../exitCodes";
import { jobIds } from "../options";
import { facts, type Output, type Paint } from "../output";
import { addCommand, addCommonOptions, codedIn, withService, type Session } from "../session";
import { costWords, instancePrice, pricedCost, type InstancePrice } from "../planning/jobPrice";
import { elapsed, stateStyle } from "../states";
import type { TargetOptions } from "../target";

/** `sagemaker-async status` */
export function addStatus(program: Command, session: Session): Command {
  const command = addCommand(program, "status", "Show jobs as they are now. A job that failed is an answer, not an error.", [
    "sagemaker-async status order-17 --stack dev",
    "sagemaker-async status order-17 order-18 --outputs outputs.json --json",
  ]).addArgument(new Argument("<job...>", "job ids").argParser(jobIds));
  return addCommonOptions(command, { target: true }).action(async (jobs: string[], options: TargetOptions) => {
    await withService(session, options, async (service) => {
      const { client } = service;
      const { output, signal } = session;
      const asking = jobs.map(async (jobId) => (await client()).job(jobId).status({ signal }));
      const ends: ExitCode[] = [];
      const answers = await Promise.allSettled(asking);
      // The answers have told it; without any there is nothing to be shown with it.
      const isKnown = answers.some(({ status }) => status === "fulfilled");
      const now = isKnown ? (await (await client()).serviceTime()).getTime() : 0;
      const ran = answers.some((answer) => answer.status === "fulfilled" && answer.value.cost !== undefined);
      const price = ran ? await instancePrice(session, service) : undefined;
      for (const [index, answer] of answers.entries()) {
        if (answer.status === "fulfilled") {
          const { cost } = answer.value;
          const status = cost === undefined ? answer.value : { ...answer.value, cost: pricedCost(cost, price) };
          output.show(status, (paint) => renderStatus(status, paint, output, { now, price }));
        } else {
          const coded = codedIn(session, answer.reason);
          output.error(coded, { jobId: jobs[index] as string });
          ends.push(exitCodeOf(coded.code));
        }
      }
      return worst(ends);
    });
  });
}

/** In the order of their times: the service may have received a request before its caller knew. */
export function stepsOf({ submittedAt, receivedAt, finishedAt }: JobStatus["timings"]): [string, string][] {
  const steps = [
    ["submitted", submittedAt],
    ["received", receivedAt],
    ["finished", finishedAt],
  ] as const;
  return steps
    .flatMap(([name, at]): [string, string][] => (at === undefined ? [] : [[name, at]]))
    .sort(([, one], [, other]) => Date.parse(one) - Date.parse(other));
}

/** A job's status for people. */
function renderStatus(
  status: JobStatus,
  paint: Paint,
  output: Pick<Output, "columns">,
  { now, price }: { now: number; price: InstancePrice | undefined },
): string {
  const { jobId, state, ended, attempt, refusedAttempts = 0, maxAttempts, timings, error, refusal, metadata, cost } = status;
  const took = elapsed(timings);
  const lines = facts(
    [
      ["accepted", timings.acceptedAt && moment(timings.acceptedAt, now)],
      ...stepsOf(timings),
      ["ended", took === undefined ? timings.recordedAt : `${timings.recordedAt} (after ${took})`],
      ["cost", cost && costWords(cost, price)],
      ["attempt", attempt === undefined ? undefined : `${attempt - refusedAttempts} of at most ${maxAttempts}`],
      ["not run", refusedAttempts === 0 ? undefined : `${refusedAttempts} further attempts, refused by the container`],
      ["inference id", status.inferenceId],
      ["trace", readTraceparent(status.traceContext?.traceparent)?.traceId],
      ["input", [status.inputLocation, status.contentType].filter(Boolean).join("  ")],
      ["output", [status.outputLocation, ended ? status.outputContentType : undefined].filter(Boolean).join("  ")],
      ["failure", state === "COMPLETED" ? undefined : status.failureLocation],
      ["refused", refusal && `${refusal.code}: ${refusal.message}`],
      ["error", error && `${error.code}: ${error.message}`],
      ["advice", (error ?? refusal)?.advice],
      [
        "metadata",
        metadata &&
          Object.entries(metadata)
            .map(([name, value]) => `${name}=${value}`)
            .join(" "),
      ],
    ],
    paint,
    output.columns,
  );
  return `${paint("bold", jobId)}  ${paint(stateStyle(state), state)}\n${lines}`;
}
