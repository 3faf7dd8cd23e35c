import { isTerminal } from "../../core/records/job";
import { credentialAdvice } from "../errors";
import { explainEnded } from "./ended";
import { explained } from "./explained";
import { explainLocations } from "./objects";
import { explainOpen } from "./open";
import { explainQueued } from "./queued";
import { quoted } from "./text";
/**
 * Decides, from what was read and nothing else, what is going on with a job.
 *
 * What could not be read never fails it: the sources are reported under `facts.unknown`, with the statement that would
 * let them be read, and the rest decides.
 */
export function situationOf(facts) {
    const { record } = facts;
    if (record === undefined || record === "missing")
        return facts.locations === undefined ? withoutRecord(facts) : byLocations(facts);
    return isTerminal(record.state) ? explainEnded(facts, record) : explainOpen(facts, record);
}
/** Nothing but two locations and the endpoint is known. */
function byLocations(facts) {
    return explainLocations(facts) ?? explainQueued(facts, { state: "UNKNOWN" });
}
function withoutRecord(facts) {
    const { jobId } = facts;
    const state = "UNKNOWN";
    if (!facts.hasTable) {
        return explained(facts, {
            state,
            situation: "unknown-job",
            summary: "Nothing is known of this job.",
            why: "This client has no job table, and no locations of the job were given.",
            next: "Nothing that is known.",
            whatYouCanDo: [
                "Make the client with SageMakerAsyncClient.fromStackOutputs(outputs), which has the job table.",
                "Or give the locations that the submission returned: client.job({ outputLocation, failureLocation }).",
            ],
        });
    }
    const failure = facts.unreadable.find(({ source }) => source === "record");
    if (failure === undefined) {
        return explained(facts, {
            state,
            situation: "unknown-job",
            summary: `There is no job ${jobId}.`,
            why: "The job table has no record of it: it was never submitted to this service, or it ended longer than jobRetentionDays ago.",
            next: "Nothing.",
            whatYouCanDo: ["Look whether the jobId is spelled right and the outputs are those of the right stack."],
        });
    }
    const why = `${quoted(failure.reason)}.`;
    const next = "Not known: nobody has seen the job's record.";
    if (failure.credentials) {
        const summary = "Nothing could be asked: your AWS credentials are missing or not valid.";
        return explained(facts, { state, situation: "record-unreadable", summary, why, next, whatYouCanDo: [credentialAdvice] });
    }
    if (failure.statement !== undefined) {
        const summary = "Your credentials may not read the job's record.";
        return explained(facts, { state, situation: "access-denied", summary, why, next });
    }
    const summary = "The job's record could not be read.";
    const whatYouCanDo = ["Ask again in a moment, and look at network, region and endpoint."];
    return explained(facts, { state, situation: "record-unreadable", summary, why, next, whatYouCanDo });
}
