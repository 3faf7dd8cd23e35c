import type { JobHandler } from "sagemaker-async-inference";

/** What the model answers for one text. */
interface Sentiment {
  label: string;
  score: number;
}

/** Reports each result in the function's log. Put your own reaction here: write to a database, call a webhook, publish an event. */
export const completed: JobHandler = async (job, context) => {
  const [best] = await context.readResult<Sentiment[]>();
  console.log(`${job.jobId}: ${best?.label ?? "no label"}`);
};
