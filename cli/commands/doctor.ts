import { Option, type Command } from "commander";
import { instancesInRelease, planDeployment } from "../../components/deploymentPlan";
import { settings as stackSettings } from "../../components/settings";
import type { Deployment } from "../../components/settings/deployment";
import { readText } from "../../components/settings/read";
import { problemsWith } from "../../components/valueChecks";
import { addressIn } from "../../aws/atAddress";
import { codedFrom } from "../failure";
import { endpointOf, endpointVariable, loopbackCredentials, type AwsSettings } from "../aws";
import { Checklist, type CheckResult } from "../checklist";
import { checkCredentials, checkImage, checkModel, checkQuota, type ImageToCheck } from "../doctorChecks";
import { exitCodes, exitCodeOf } from "../exitCodes";
import { UsageError } from "../failure";
import { instanceType, integer, s3Object, url } from "../options";
import { requirePackages } from "../optionalPackages";
import { addCommand, addCommonOptions, type Session } from "../session";
import { costCheck } from "../planning/firstCosts";
import { readPrices } from "../planning/prices";
import { planSettings, readPlanned } from "../planning/settings";
import { readStackSettings, readStackTexts, type StackSettings } from "../stackSettings";

interface DoctorOptions {
  stack: string;
  instanceType?: string;
  maxInstances?: number;
  image?: string;
  modelUri?: string;
  region?: string;
  endpointUrl?: string;
}

/** `sagemaker-async doctor` */
export function addDoctor(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "doctor",
    "Look before a deployment what it costs at first and whether it can succeed: credentials, quota, image and model.",
    [
      "sagemaker-async doctor --stack dev",
      "sagemaker-async doctor --region eu-west-1 --instance-type ml.g5.2xlarge --model-uri s3://my-models/ocr/model.tar.gz",
    ],
  )
    .option("--stack <name>", "read Pulumi.yaml and Pulumi.<name>.yaml in this folder, if they are there", "dev")
    .addOption(new Option("--instance-type <type>", "in the place of the stack's").argParser(instanceType))
    .addOption(new Option("--max-instances <count>", "in the place of the stack's maxCapacity").argParser(integer(1, 10_000)))
    .option("--image <address>", "in the place of the stack's: an ECR image with tag or digest")
    .addOption(new Option("--model-uri <uri>", "in the place of the stack's modelDataUrl").argParser(s3Object))
    .option("--region <name>", "in the place of the stack's aws:region, or AWS_REGION")
    .addOption(new Option("--endpoint-url <url>", "where all AWS services are, for a cloud that isn't AWS's").argParser(url));
  return addCommonOptions(command, { target: false }).action((options: DoctorOptions) => examine(session, options));
}

async function examine(session: Session, options: DoctorOptions): Promise<void> {
  requirePackages("doctor", ["@aws-sdk/client-sts", "@aws-sdk/client-service-quotas", "@aws-sdk/client-ecr"]);
  const { environment, output } = session;
  const settings = readStackSettings(process.cwd(), options.stack);
  const type = options.instanceType ?? settings?.instanceType;
  const region = options.region ?? settings?.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"];
  if (type === undefined) {
    throw new UsageError("no instance type: run in the folder of a Pulumi.yaml that has instanceType, or give --instance-type");
  }
  if (region === undefined) throw new UsageError("no region: set aws:region in the stack file or AWS_REGION, or give --region");
  const endpointUrl = options.endpointUrl ?? endpointOf(environment);
  const credentials = loopbackCredentials(endpointUrl, environment);
  const aws: AwsSettings = {
    region,
    ...addressIn(options.endpointUrl, environment),
    ...(credentials !== undefined && { credentials }),
  };

  const checklist = new Checklist(output);
  checklist.add("cost", await checkCost(session, options, type, region));
  const place =
    endpointUrl === undefined ? {} : { endpointUrl, ...(options.endpointUrl === undefined && { endpointFrom: endpointVariable }) };
  const identity = await checkCredentials(aws);
  checklist.add("credentials", identity.result);
  if (identity.accountId === undefined) {
    // Nothing else can be asked without them.
    session.exitCode = exitCodes.access;
    return;
  }
  const maxInstances = options.maxInstances ?? Number(settings?.maxCapacity ?? 1);
  const modelUri = options.modelUri ?? settings?.modelDataUrl;
  const checks = [
    ["quota", () => checkQuota(aws, type, maxInstances, instancesOf(settings, maxInstances))],
    ["image", () => checkImage(aws, imageOf(options, settings, type), identity.accountId as string)],
    ["model", () => checkModel(aws, modelUri, settings?.huggingFaceModelId)],
  ] as const;
  let denied = false;
  for (const [name, check] of checks) {
    try {
      checklist.add(name, await check());
    } catch (error) {
      if (endpointUrl !== undefined && isNotSupported(error)) {
        checklist.add(name, { status: "skipped", detail: `the cloud at ${endpointUrl} does not know of it` });
        continue;
      }
      const coded = codedFrom(error, place);
      denied ||= exitCodeOf(coded.code) === exitCodes.access;
      checklist.add(name, {
        status: "failed",
        detail: `could not be checked: ${coded.message}`,
        ...(coded.advice !== "" && { request: coded.advice }),
      });
    }
  }
  session.exitCode = denied ? exitCodes.access : checklist.exitCode;
}

/** Instances that a release needs at once; as many as may run where nothing is said of releases, or what is said can't be read. */
function instancesOf(settings: StackSettings | undefined, maxInstances: number): number {
  const { deployment, minCapacity = "0" } = settings ?? {};
  if (deployment === undefined) return maxInstances;
  const known = readText(stackSettings.deployment, deployment) as Deployment | undefined;
  // What is wrong with it is reported by the check of the costs, which reads all settings.
  if (known === undefined || problemsWith("deployment", known).length > 0 || !/^\d+$/.test(minCapacity)) return maxInstances;
  return instancesInRelease(planDeployment(known, Number(minCapacity)), maxInstances);
}

/** What the deployment costs at first: known without credentials, and before anything is asked. */
async function checkCost(session: Session, options: DoctorOptions, instanceType: string, region: string): Promise<CheckResult> {
  const { maxInstances, stack, endpointUrl } = options;
  try {
    const { texts = {} } = readStackTexts(process.cwd(), stack) ?? {};
    const changed = { ...texts, instanceType, ...(maxInstances !== undefined && { maxCapacity: String(maxInstances) }) };
    const values = readPlanned(changed, `the stack ${stack}`);
    const { environment, signal } = session;
    const prices = await readPrices([instanceType], { given: {}, region, environment, askAws: endpointUrl === undefined, signal });
    return costCheck(planSettings(values, prices), prices.source);
  } catch (error) {
    const { message, advice } = codedFrom(error);
    return { status: "failed", detail: message, ...(advice !== "" && { request: advice }) };
  }
}

/** Whether a cloud that isn't AWS's says that it does not have a service, or a call of it. */
function isNotSupported(error: unknown): boolean {
  return ["NotImplemented", "NotImplementedException", "UnknownOperationException"].includes((error as Error | null)?.name ?? "");
}

/** An image that is named in the command takes the place of all that the stack says about images. */
function imageOf(options: DoctorOptions, settings: StackSettings | undefined, instanceType: string): ImageToCheck {
  const { image, framework, imageTag, inferenceAmiVersion } = settings ?? {};
  return {
    instanceType,
    ...(inferenceAmiVersion !== undefined && { inferenceAmiVersion }),
    ...(options.image !== undefined
      ? { image: options.image }
      : {
          ...(image !== undefined && { image }),
          ...(framework !== undefined && { framework }),
          ...(imageTag !== undefined && { imageTag }),
        }),
  };
}
