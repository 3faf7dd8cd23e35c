import type { AwsCredentialIdentity } from "@aws-sdk/types";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "./clock";
import type { FaultKind } from "./faults/kinds";
import type { JudgedRequest, ResourceFacts } from "./identity/actions/table";
import type { ConditionContext } from "./identity/conditions";
import type { Need } from "./identity/evaluate";
import type { Keeper } from "./kept";
import type { ServiceResources } from "./resources";
import type { Service } from "./wire";

/** What every service of one embedded cloud shares. */
export interface CloudContext {
  clock: Clock;
  /** Region of every ARN, such as `us-east-1`. */
  region: string;
  /** Twelve digits. */
  accountId: string;
  /** `http://127.0.0.1:<port>`: where any SDK client reaches any service. */
  endpointUrl: string;
  /** Folder of this run's files; removed when the cloud closes. */
  workDirectory: string;
  /** Where services keep what they know. */
  keeper: Keeper;
  /** Who calls decides what is allowed: keys under which a service or a Lambda acts as `roleArn`. @param sessionName as logs and denials show it */
  credentialsFor(roleArn: string, sessionName?: string): AwsCredentialIdentity;
  access: AccessControl;
  /** Tells whoever watches; never throws. */
  emit(event: CloudEvent): void;
}

/**
 * What a service asks before it does something on its own; requests are judged before they reach it.
 * Each throws the ServiceError that AWS would answer with.
 */
export interface AccessControl {
  /** Judges a call whose signature is in its body, which the front could not read. @param service as signatures name it */
  requireCall(service: string, request: JudgedRequest): void;
  /** What a service does as a role, without a request: SageMaker's metrics, a function's log. */
  requireRole(roleArn: string, sessionName: string, need: Need): void;
  /** What must stand in the role's own policies: SageMaker simulates them, and a topic's policy doesn't help. */
  requireIdentityPolicy(roleArn: string, sessionName: string, need: Need): void;
  /** What a service does to a resource whose policy, and whose key's, must let it in: SNS's delivery to a queue. */
  requireService(source: InvocationSource, need: Need): void;
  /** What a service does with a customer's key as itself. @param actions without `kms:` */
  requireKeyOfService(principal: string, keyArn: string | undefined, context: ConditionContext, actions: readonly string[]): void;
  /** What a service does with a customer's key for whoever deploys, when it makes a resource. @param service such as `dynamodb` */
  requireKeyOfDeployer(service: string, keyArn: string | undefined, actions: readonly string[]): void;
  /** Whether the role's trust policy lets a service act as it. */
  requireAssumable(roleArn: string, source: InvocationSource): void;
}

/** What happened inside the cloud, for progress output and for tests that wait. Times in ms of the cloud's clock. */
export type CloudEvent =
  | {
      kind: "instance";
      endpointName: string;
      change: "starting" | "inService" | "stopping" | "stopped" | "failed";
      instanceId: string;
      detail?: string;
    }
  | {
      kind: "invocation";
      endpointName: string;
      inferenceId: string;
      /** `killed`: it ran on an instance that was taken away, and nothing else will report it. */
      change: "queued" | "started" | "completed" | "failed" | "expired" | "killed";
      detail?: string;
    }
  | { kind: "capacity"; endpointName: string; desiredInstanceCount: number; cause: string }
  | { kind: "alarm"; alarmName: string; state: "OK" | "ALARM" | "INSUFFICIENT_DATA"; reason: string }
  | {
      kind: "function";
      functionName: string;
      change: "started" | "succeeded" | "failed" | "retried" | "discarded";
      requestId: string;
      detail?: string;
    }
  | {
      kind: "execution";
      executionArn: string;
      change: "started" | "succeeded" | "failed" | "timedOut" | "aborted";
      /** The error of one that did not succeed. */
      detail?: string;
    }
  /** A line that a function, or Lambda around it, wrote into the function's log. */
  | { kind: "printed"; functionName: string; line: string }
  /** An injected fault, and the job that it happened to. */
  | { kind: "fault"; fault: FaultKind; jobId?: string }
  /** A call under a role, or a service's delivery, that no policy allows. */
  | { kind: "denied"; message: string }
  | { kind: "warning"; message: string };

/** One datapoint, as PutMetricData takes it. */
export interface MetricDatum {
  namespace: string;
  metricName: string;
  dimensions: Readonly<Record<string, string>>;
  value: number;
  /** As CloudWatch spells it: `Count`, `Seconds`, `Milliseconds`, `Microseconds`, `None`. */
  unit: string;
  /** Milliseconds since the epoch; the minute it falls into is its period. */
  timestamp: number;
  /** Of several values that nobody kept, `value` being their sum: percentiles of them are not known. */
  set?: { sampleCount: number; minimum: number; maximum: number };
}

/** Where metrics go. The publisher chooses the time of publication; nothing is visible earlier. */
export interface MetricSink {
  put(data: readonly MetricDatum[]): void;
}

/** A service, and the resource of the account on whose behalf it does something. */
export interface InvocationSource {
  /** Such as `sns.amazonaws.com`. */
  principal: string;
  sourceArn: string;
}

/** What an ARN in an alarm's actions, a notification or a subscription leads to. */
export interface EventTargets {
  /**
   * Lambda's asynchronous invocation: queued, tried up to three times, then the on-failure destination.
   * Throws ServiceError when there is no such function, or when its permissions do not let `source` in.
   *
   * @param source who invokes it; left out, no permission is asked: whoever calls has asked for it
   */
  invokeFunction(functionArn: string, event: unknown, source?: InvocationSource): Promise<void>;
  /** SNS: throws ServiceError when there is no such topic, or its policy does not let `source` in. */
  publish(topicArn: string, message: string, subject: string, source: InvocationSource): Promise<void>;
  /** SQS: puts a message into a queue. Throws as {@link EventTargets.publish}. */
  sendMessage(queueArn: string, body: string, source: InvocationSource): Promise<void>;
  /** Application Auto Scaling: carries out a scaling policy because an alarm entered or stayed in ALARM. */
  executePolicy(policyArn: string, alarm: { alarmName: string; metricValue: number; threshold: number }): Promise<void>;
}

/** What Application Auto Scaling sees and changes of an endpoint. */
export interface ScalableEndpoints {
  /** Undefined when there is no such endpoint or variant. */
  variant(
    endpointName: string,
    variantName: string,
  ): { endpointStatus: string; currentInstanceCount: number; desiredInstanceCount: number; instanceType: string } | undefined;
  /** What UpdateEndpointWeightsAndCapacities does. Throws ServiceError while the endpoint isn't InService. */
  setDesiredInstanceCount(endpointName: string, variantName: string, count: number, cause: string): void;
}

/** What SageMaker asks before it changes hardware: a registered variant can't change its instance type. */
export interface ScalableTargets {
  isRegistered(endpointName: string, variantName: string): boolean;
}

/** Answers a request by itself. @param body undefined for S3, whose bodies are as long as a gigabyte */
export type StreamHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: { accessKeyId: string | undefined; body: Buffer | undefined },
) => Promise<void>;

/** One service of the embedded cloud: its wire protocol and the resource types that it makes real. */
export interface CloudService extends ServiceResources {
  /** Handlers by the service name in the SigV4 credential scope, such as `sns`; the front reads the body first. */
  wire?: Record<string, Service>;
  /** Handlers that write their answers themselves, such as `s3`. */
  streams?: Record<string, StreamHandler>;
  /** What a resource of this service says of who may use it; undefined for one that isn't this service's. */
  factsOf?(arn: string): ResourceFacts | undefined;
  /** Goes on with what the cloud that had this state before left under way. Called once, when every service answers. */
  resume?(): void;
  /** Ends processes, timers and connections. */
  close(): Promise<void>;
}
