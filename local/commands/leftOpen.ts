import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { atAddress } from "../../aws/atAddress";
import { dynamoDbSweep } from "../../aws/dynamoDbSweep";
import type { DueEntry, DueIndex } from "../../core/ports";
import { isTerminal, jobStates } from "../../core/records/job";
import { dueShardCount } from "../../core/records/table";
import type { EmbeddedCloud } from "../embeddedCloud";

/** A job that had not ended. */
export type OpenJob = Pick<DueEntry, "jobId" | "state" | "createdAt">;

/** Whoever pressed Ctrl-C waits for so long at most to hear of their jobs. */
const mostMilliseconds = 3000;

/** So many ids are named. */
const mostNamed = 5;

/** Jobs of every service of a cloud that have not ended, oldest first; undefined when that can't be read in time. */
export async function openJobs(cloud: Pick<EmbeddedCloud, "endpointUrl" | "region" | "functions">): Promise<OpenJob[] | undefined> {
  const tables = new Set(cloud.functions().flatMap(({ variables }) => jobTableIn(variables["SETTINGS"]) ?? []));
  if (tables.size === 0) return [];
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ ...atAddress(cloud.endpointUrl), region: cloud.region, credentials, maxAttempts: 1 });
  const late = new AbortController();
  const found = (async () => {
    const library = await import("@aws-sdk/lib-dynamodb");
    const found = await Promise.all([...tables].map((name) => openIn(dynamoDbSweep(library, client, name).due)));
    return found.flat().sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  })();
  try {
    return await Promise.race([found, pause(mostMilliseconds, undefined, { signal: late.signal })]);
  } catch {
    // A fault of the plan, say. The end of the cloud must not fail for it.
    return undefined;
  } finally {
    late.abort();
    client.destroy();
  }
}

async function openIn(due: DueIndex): Promise<OpenJob[]> {
  const shards = Array.from({ length: dueShardCount }, async (_, shard) => {
    const open: OpenJob[] = [];
    let after: unknown;
    do {
      const { entries, next } = await due.page(shard, after === undefined ? {} : { after });
      open.push(...entries.filter(({ state }) => !isTerminal(state)));
      after = next;
    } while (after !== undefined);
    return open;
  });
  return (await Promise.all(shards)).flat();
}

function jobTableIn(settings: string | undefined): string | undefined {
  try {
    const { jobTableName } = JSON.parse(settings ?? "{}") as { jobTableName?: unknown };
    return typeof jobTableName === "string" ? jobTableName : undefined;
  } catch {
    // Some other program's variable of that name.
    return undefined;
  }
}

/**
 * What whoever ends a cloud hears of the jobs that have not ended; undefined when there are none.
 *
 * @param stateDirectory folder that the cloud is kept in, as its user wrote it
 */
export function leftOpenText(jobs: readonly OpenJob[], stateDirectory: string | undefined): string | undefined {
  if (jobs.length === 0) return undefined;
  const counts = jobStates
    .map((state) => ({ state, count: jobs.filter((job) => job.state === state).length }))
    .flatMap(({ state, count }) => (count === 0 ? [] : `${count} ${state}`));
  const named = jobs.slice(0, mostNamed).map(({ jobId }) => jobId);
  const others = jobs.length - named.length;
  const [are, they, go, end] = jobs.length === 1 ? ["job is", "It", "goes", "ends"] : ["jobs are", "They", "go", "end"];
  const what = `${jobs.length} ${are} left open (${counts.join(", ")}): ${named.join(", ")}${others > 0 ? ` and ${others} more` : ""}.`;
  const fate =
    stateDirectory === undefined
      ? `${they} ${end} with this cloud; one that is started with --state DIR keeps its jobs.`
      : `${they} ${go} on when a cloud is started with --state ${stateDirectory} again.`;
  return `${what}\n${fate}`;
}
