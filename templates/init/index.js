import * as pulumi from "@pulumi/pulumi";
import { AsyncInference } from "sagemaker-async-inference";
import { completed } from "./handlers/completed";
const config = new pulumi.Config();
const service = new AsyncInference("__NAME__", {
    huggingFaceModelId: config.require("model"),
    instanceType: config.get("instanceType"),
    maxCapacity: config.getNumber("maxCapacity"),
});
// Runs in Lambda at the end of every job that has a result.
service.onCompleted("completed", completed);
