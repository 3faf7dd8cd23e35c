// Two models side by side: each has its own endpoint, bucket, table and scaling, and its own outputs.
import { AsyncInference } from "sagemaker-async-inference";
const ocr = new AsyncInference("ocr", { image: "ocr:1", maxCapacity: 2, forceDestroy: true });
const speech = new AsyncInference("speech", {
    image: "speech:1",
    instanceType: "ml.g5.4xlarge",
    // A recording takes many minutes: one waiting request is reason enough for another instance.
    targetBacklogPerInstance: 1,
    forceDestroy: true,
});
