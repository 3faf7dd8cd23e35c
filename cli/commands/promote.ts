import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Option, type Command } from "commander";
import { requestBounds } from "../../core/messages/request";
import { readS3Uri } from "../../core/records/s3Uri";
import type { AwsSettings } from "../aws";
import {
  addComparisonOptions,
  askService,
  checkComparison,
  compareFiles,
  type Compared,
  type ComparedInput,
  type ComparisonOptions,
} from "../comparison";
import { exitCodes } from "../exitCodes";
import { failure, UsageError } from "../failure";
import { readableFiles } from "../inputs";
import { url } from "../options";
import type { Paint } from "../output";
import { changesOf, configCommands, requireAccepted, settingsOf, type Change, type RunningModel, type SettingTexts } from "../promotion";
import { addCommand, addCommonOptions, withService, type Service, type Session } from "../session";
import { readStackTexts } from "../stackSettings";
import { pulumiMissing } from "../target";

interface PromoteOptions extends ComparisonOptions {
  yes?: boolean;
  compare: boolean;
  acceptDifferences?: boolean;
  endpointUrl?: string;
}

/** What the environment runs, and since when. */
interface Running extends RunningModel {
  /** When the model was made; milliseconds. */
  createdAt: number;
}

/** `sagemaker-async promote` */
export function addPromote(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "promote",
    "Make what runs in one environment the settings of another: image and model, after both answered the same inputs. Run it in the folder of the Pulumi.yaml.",
    [
      "sagemaker-async promote dev prod",
      "sagemaker-async promote dev prod pages/*.png --tolerance 0.001 --yes",
      "sagemaker-async promote dev prod pages/*.png --accept-differences --yes",
    ],
  )
    .argument("<from>", "stack whose image and model are taken, as its endpoint runs them")
    .argument("<to>", "stack that is to run them")
    .argument("[file...]", "recorded inputs, to which both answer before anything is changed")
    .option("--yes", "write the changes to the stack's settings; without, they are shown only")
    .option("--no-compare", "write them without a comparison")
    .option("--accept-differences", "write them although answers differ");
  addComparisonOptions(command);
  command.addOption(new Option("--endpoint-url <url>", "where all AWS services are, for a cloud that isn't AWS's").argParser(url));
  return addCommonOptions(command, { target: false }).action((from: string, to: string, files: string[], options: PromoteOptions) =>
    promote(session, from, to, files, options),
  );
}

async function promote(session: Session, from: string, to: string, files: readonly string[], options: PromoteOptions): Promise<void> {
  checkComparison(options);
  if (from === to) throw new UsageError(`got ${from} twice, expected two stacks`);
  if (options.yes === true && options.compare && files.length === 0) {
    throw new UsageError("--yes: there are no inputs to compare: name files that both environments can answer, or give --no-compare");
  }
  if (!options.compare && files.length > 0) throw new UsageError("--no-compare: got it with inputs to compare: give one of them");
  readableFiles(files, requestBounds.inputBytes, "1 GiB");
  const texts = { from: textsOf(from), to: textsOf(to) };
  const place = options.endpointUrl === undefined ? {} : { endpointUrl: options.endpointUrl };
  await withService(session, { stack: from, ...place }, async (service) => {
    const running = await runningIn(service);
    const changes = changesOf(settingsOf(from, running, texts.from), texts.to);
    requireAccepted(to, changes);
    session.output.show({ from, to, changes }, (paint) => render(from, to, changes, paint));
    if (changes.length === 0) return exitCodes.done;
    await requireUnchanged(from, running, service.aws);
    if (running.resolvedImage === undefined && changes.some(({ name }) => name === "image")) {
      session.output.note(`SageMaker did not say which digest ${running.image} has: what ${to} pulls may be something else by then.`);
    }
    if (files.length > 0) {
      const { code, same, differing } = await compareBoth(session, service, { from, to, files, place, options });
      if (same + differing < files.length) {
        session.output.note("Nothing was changed: not every input could be compared.");
        return code;
      }
      if (differing > 0 && options.acceptDifferences !== true) {
        session.output.note("Nothing was changed: answers differ. --accept-differences promotes nevertheless.");
        return code;
      }
    }
    if (options.yes !== true) {
      session.output.note(`Nothing was changed: --yes writes it to Pulumi.${to}.yaml.`);
      return exitCodes.done;
    }
    for (const command of configCommands(to, changes)) await pulumi(command);
    session.output.note(`Pulumi.${to}.yaml is changed; \`pulumi up --stack ${to}\` releases it.`);
    return exitCodes.done;
  });
}

function textsOf(stack: string): SettingTexts {
  const found = readStackTexts(process.cwd(), stack);
  if (found === undefined) throw new UsageError(`no Pulumi.yaml in ${process.cwd()}: run in the folder of the Pulumi program`);
  return found.texts;
}

/** What the endpoint's model is made of, from the service and not from the files: those may not have been deployed. */
async function runningIn({ target: { outputs }, aws }: Service): Promise<Running> {
  const { SageMakerClient, DescribeEndpointCommand, DescribeModelCommand } = await import("@aws-sdk/client-sagemaker");
  const client = new SageMakerClient(aws);
  try {
    const { EndpointStatus, EndpointConfigName, ProductionVariants } = await client.send(
      new DescribeEndpointCommand({ EndpointName: outputs.endpointName }),
    );
    if (EndpointStatus !== "InService" || EndpointConfigName !== outputs.endpointConfigName) {
      const advice = "Wait until its release is over, and promote what it serves then.";
      throw failure("CONFLICT", `The endpoint ${outputs.endpointName} is ${EndpointStatus} with ${EndpointConfigName}.`, advice);
    }
    const { PrimaryContainer, CreationTime } = await client.send(new DescribeModelCommand({ ModelName: outputs.modelName }));
    const { Image = "", ModelDataUrl, ModelDataSource, Environment = {} } = PrimaryContainer ?? {};
    const resolvedImage = ProductionVariants?.[0]?.DeployedImages?.find(({ SpecifiedImage }) => SpecifiedImage === Image)?.ResolvedImage;
    const modelDataUrl = ModelDataUrl ?? ModelDataSource?.S3DataSource?.S3Uri;
    return {
      image: Image,
      environment: Environment,
      createdAt: CreationTime?.getTime() ?? 0,
      ...(resolvedImage !== undefined && { resolvedImage }),
      ...(modelDataUrl !== undefined && { modelDataUrl }),
    };
  } finally {
    client.destroy();
  }
}

/**
 * SageMaker takes no version of an artifact: what is at its place now must be what was there when the model was made.
 *
 * @throws CommandError `CONFLICT` when it was written since
 */
async function requireUnchanged(from: string, { modelDataUrl, createdAt }: Running, aws: AwsSettings): Promise<void> {
  const location = modelDataUrl === undefined || modelDataUrl.endsWith("/") ? undefined : readS3Uri(modelDataUrl);
  if (location === undefined) return;
  const { S3Client, HeadObjectCommand } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined });
  try {
    const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: location.bucket, Key: location.key }));
    if (LastModified === undefined || LastModified.getTime() <= createdAt) return;
    const message = `${modelDataUrl} was written at ${LastModified.toISOString()}, after ${from} was deployed with it.`;
    throw failure("CONFLICT", message, `Put each version under a key of its own, deploy it to ${from}, and promote that.`);
  } finally {
    client.destroy();
  }
}

interface Comparing {
  from: string;
  to: string;
  files: readonly string[];
  place: { endpointUrl?: string };
  options: PromoteOptions;
}

async function compareBoth(session: Session, service: Service, { from, to, files, place, options }: Comparing): Promise<Compared> {
  let compared: Compared = { code: exitCodes.done, same: 0, differing: 0 };
  await withService({ ...session }, { stack: to, ...place }, async (other) => {
    const ask = async (input: ComparedInput) => askService(await other.client(), input, options, session.signal);
    compared = await compareFiles(session, files, service.client, { name: "other", shown: to, ask }, options);
    session.output.note(`${compared.same} of ${files.length} the same in ${from} and ${to}.`);
  });
  return compared;
}

async function pulumi(args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)("pulumi", [...args]);
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") throw pulumiMissing("promote");
    const words = stderr?.replaceAll(/^error: /gm, "").trim() ?? String(error);
    throw failure("INTERNAL", `pulumi ${args.slice(0, 2).join(" ")}: ${words}`, "`pulumi config` shows what the stack has.", error);
  }
}

function render(from: string, to: string, changes: readonly Change[], paint: Paint): string {
  if (changes.length === 0) return `${to} has what ${from} runs.`;
  const lines = changes.flatMap(({ name, from: before, to: after }) => [
    ...(before === undefined ? [] : [paint("red", `- ${name}: ${before}`)]),
    ...(after === undefined ? [] : [paint("green", `+ ${name}: ${after}`)]),
  ]);
  return [paint("bold", `Pulumi.${to}.yaml`), ...lines].join("\n");
}
