/** Reports each result in the function's log. Put your own reaction here: write to a database, call a webhook, publish an event. */
export const completed = async (job, context) => {
    const [best] = await context.readResult();
    console.log(`${job.jobId}: ${best?.label ?? "no label"}`);
};
