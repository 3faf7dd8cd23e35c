// Warm when people wait for results, asleep otherwise; a large fleet shrinks between jobs, and alarms reach a team.
import { AsyncInference } from "sagemaker-async-inference";
const service = new AsyncInference("claims", {
    image: "claims:1",
    warmHours: ["mon-fri 08:00-18:00"],
    warmTimeZone: "Europe/Berlin",
    warmMinCapacity: 1,
    drain: true,
    alarmsEnabled: true,
    alarmEmails: ["ml-team@example.com"],
    forceDestroy: true,
});
export const submitFunction = service.outputs.submitFunctionName;
export const alarmTopic = service.outputs.alarmTopicArn;
