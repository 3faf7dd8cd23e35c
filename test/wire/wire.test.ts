import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { terraformTypes } from "../../docs/terraform";
import type { Created } from "../../local/resources";
import { cases } from "./cases";
import { foreignTokens } from "./pages";
import { comparable, startWireCloud, told, type WireCase } from "./cloud";
import { FullDisk } from "../support/fullDisk";

type Send = (args: unknown) => Promise<unknown>;

/** The little of an SDK client that is made to insist. */
interface Sender {
  middlewareStack: { add(middleware: unknown, options: { step: "finalizeRequest"; priority: "high" }): void };
}

type WireCloud = Awaited<ReturnType<typeof startWireCloud>>;

/** What was read of one resource. */
interface Seen {
  made: unknown;
  changed: unknown;
  gone: unknown;
}

/** Types that count their changes: of two at once there are two versions, or the later one is refused as there is nothing to change. */
const countsChanges = /^aws:(iam\/policy:Policy|ssm\/parameter:Parameter|dynamodb\/table:Table)$/;

/** Calls whose last write is made after their answer; what of it fails is done before the next call, or by the next start. */
const finishedLater = /^(CreateTable|DeleteTable|DeleteBucket)Command$/;

describe("the control plane, which programs and the AWS provider make the same things by", () => {
  const clouds: WireCloud[] = [];
  const byProgram = new Map<string, Seen>();
  const byProvider = new Map<string, Seen>();
  const seen = (by: Map<string, Seen>, { type }: WireCase) => by.get(type) as Seen;

  /** What was made by calls that were sent again until the disk took all that they write. */
  const byInsisting = new Map<string, Seen>();
  const refusals = new Set<string>();
  /** What was made by two at once, and what the later one was refused with. */
  const byTwo = new Map<string, Seen>();
  const conflicts: Record<string, string> = {};
  /** What tokens from elsewhere are answered with, by operation, where everything is made. */
  let tokens: Record<string, string>;
  const stateDirectory = mkdtempSync(path.join(tmpdir(), "full-"));

  /** One for each way to make things: a queue's name is not free at once. */
  const start = async (...options: Parameters<typeof startWireCloud>): Promise<WireCloud> => {
    const cloud = await startWireCloud(...options);
    clouds.push(cloud);
    return cloud;
  };

  before("makes, changes and deletes everything as a program does", async () => {
    const programs = await start();
    const made: [WireCase, Created][] = [];
    for (const each of cases) {
      const created = await programs.program.create(each);
      const before = comparable(await each.read(programs.clients));
      made.push([each, await programs.program.update(each, created)]);
      byProgram.set(each.type, { made: before, changed: comparable(await each.read(programs.clients)), gone: undefined });
    }
    for (const [each, created] of made.reverse()) {
      await programs.program.delete(each, created);
      seen(byProgram, each).gone = await each.read(programs.clients).then(comparable, told);
    }
  });
  before("does so as the provider does", async () => callAll(await start(), byProvider));
  before("does so as two providers do at once", async () => applyTwice(await start()));
  before("does so while the disk is full again and again", async () => {
    const full = await start(stateDirectory);
    const disk = new FullDisk();
    try {
      for (const client of Object.values(full.clients)) insist(client, disk);
      await callAll(full, byInsisting);
    } finally {
      disk.close();
    }
  });
  after(async () => {
    await Promise.all(clouds.map((cloud) => cloud.close()));
    rmSync(stateDirectory, { recursive: true, force: true });
  });

  /** Two providers at once, each of which takes what the other has made for its own where the service lets it. */
  async function applyTwice({ clients }: WireCloud): Promise<void> {
    const both = async ({ type }: WireCase, what: string, call: () => Promise<unknown>) => {
      const [one, other] = await Promise.allSettled([call(), call()]);
      const refused = [one, other].flatMap((end) => (end.status === "rejected" ? told(end.reason) : []));
      if (refused.length > 0) conflicts[`${what} ${type}`] = refused.join(", ");
    };
    for (const each of cases) {
      await both(each, "create", () => each.create(clients));
      const made = comparable(await each.read(clients));
      await both(each, "change", async () => each.change?.call(clients));
      byTwo.set(each.type, { made, changed: comparable(await each.read(clients)), gone: undefined });
    }
    tokens = await foreignTokens(clients);
    for (const each of [...cases].reverse()) {
      await both(each, "delete", () => each.delete(clients));
      seen(byTwo, each).gone = await each.read(clients).then(comparable, told);
    }
  }

  async function callAll({ clients }: WireCloud, by: Map<string, Seen>): Promise<void> {
    for (const each of cases) {
      await each.create(clients);
      const before = comparable(await each.read(clients));
      await each.change?.call(clients);
      by.set(each.type, { made: before, changed: comparable(await each.read(clients)), gone: undefined });
    }
    for (const each of [...cases].reverse()) {
      await each.delete(clients);
      seen(by, each).gone = await each.read(clients).then(comparable, told);
    }
  }

  /** Has each call that writes meet a full disk at its first write, then at its second, and so on, until the disk takes them all. */
  function insist(client: Sender, disk: FullDisk): void {
    const again =
      (next: Send, { commandName, clientName }: { commandName: string; clientName: string }) =>
      async (args: unknown) => {
        if (/^(Describe|Get|Head|List)/.test(commandName)) return next(args);
        for (let writes = 0; ; writes += 1) {
          disk.makeRoom(writes);
          try {
            const answer = await next(args);
            const failures = disk.makeRoom(Infinity);
            if (failures > 0 && !finishedLater.test(commandName)) refusals.add(`${commandName} was answered without its write ${writes}`);
            return answer;
          } catch (error) {
            if (disk.makeRoom(Infinity) === 0) throw error;
            refusals.add(`${clientName.replace("Client", "")} ${told(error)}`);
          }
        }
      };
    client.middlewareStack.add(again, { step: "finalizeRequest", priority: "high" });
  }

  for (const { type, gone } of cases) {
    it(`reads ${type} the same, by whichever door it was made and changed, and not once it is deleted`, () => {
      expect(byProvider.get(type)).to.deep.equal(byProgram.get(type));
      expect(byProvider.get(type)?.gone).to.deep.equal(gone);
    });
  }

  for (const { type } of cases) {
    it(`has nothing half-made of ${type} when the disk is full at any write of a call: the call sent again does what it would have`, () => {
      expect(byInsisting.get(type)).to.deep.equal(byProvider.get(type));
    });
  }

  for (const { type } of cases) {
    it(`has one ${type}, and whole, when two make, change and delete it at once`, () => {
      const [made, alone] = [byTwo.get(type), byProvider.get(type)];
      expect(made).to.deep.equal(countsChanges.test(type) ? { ...alone, changed: made?.changed } : alone);
    });
  }

  it("refuses the later of two at once in the service's words, or lets both have it where the service does", () => {
    expect(conflicts).to.deep.equal({
      "change aws:dynamodb/table:Table": "400 ValidationException",
      "create aws:lambda/eventSourceMapping:EventSourceMapping": "409 ResourceConflictException",
      "create aws:ssm/parameter:Parameter": "400 ParameterAlreadyExists",
      "delete aws:lambda/eventSourceMapping:EventSourceMapping": "404 ResourceNotFoundException",
      "delete aws:ssm/parameter:Parameter": "400 ParameterNotFound",
      "create aws:cloudwatch/eventBus:EventBus": "400 ResourceAlreadyExistsException",
      "create aws:cloudwatch/logGroup:LogGroup": "400 ResourceAlreadyExistsException",
      "create aws:dynamodb/table:Table": "400 ResourceInUseException",
      "create aws:iam/policy:Policy": "409 EntityAlreadyExistsException",
      "create aws:iam/role:Role": "409 EntityAlreadyExistsException",
      "create aws:kms/alias:Alias": "400 AlreadyExistsException",
      "create aws:lambda/function:Function": "409 ResourceConflictException",
      "create aws:lambda/permission:Permission": "409 ResourceConflictException",
      "create aws:s3/bucket:Bucket": "409 BucketAlreadyOwnedByYou",
      "create aws:sagemaker/endpoint:Endpoint": "400 ValidationException",
      "create aws:sagemaker/endpointConfiguration:EndpointConfiguration": "400 ValidationException",
      "create aws:sagemaker/model:Model": "400 ValidationException",
      "delete aws:appautoscaling/policy:Policy": "400 ObjectNotFoundException",
      "delete aws:appautoscaling/scheduledAction:ScheduledAction": "400 ObjectNotFoundException",
      "delete aws:appautoscaling/target:Target": "400 ObjectNotFoundException",
      "delete aws:cloudwatch/dashboard:Dashboard": "404 ResourceNotFound",
      "delete aws:cloudwatch/logGroup:LogGroup": "400 ResourceNotFoundException",
      "delete aws:dynamodb/table:Table": "400 ResourceNotFoundException",
      "delete aws:iam/policy:Policy": "404 NoSuchEntityException",
      "delete aws:iam/role:Role": "404 NoSuchEntityException",
      "delete aws:iam/rolePolicy:RolePolicy": "404 NoSuchEntityException",
      "delete aws:iam/rolePolicyAttachment:RolePolicyAttachment": "404 NoSuchEntityException",
      "delete aws:kms/alias:Alias": "400 NotFoundException",
      "delete aws:kms/key:Key": "400 KMSInvalidStateException",
      "delete aws:lambda/function:Function": "404 ResourceNotFoundException",
      "delete aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "404 ResourceNotFoundException",
      "delete aws:lambda/permission:Permission": "404 ResourceNotFoundException",
      "delete aws:s3/bucket:Bucket": "404 NoSuchBucket",
      "delete aws:sagemaker/endpointConfiguration:EndpointConfiguration": "400 ValidationException",
      "delete aws:sagemaker/model:Model": "400 ValidationException",
      "delete aws:sqs/queue:Queue": "400 QueueDoesNotExist",
    });
  });

  it("refuses a token of pagination from elsewhere, in each service's words, and never begins with the first page again", () => {
    const byService: Record<string, string[]> = {};
    for (const [operation, refusal] of Object.entries(tokens)) {
      const known = (byService[operation.replace(/ \w+$/, "")] ??= []);
      if (!known.includes(refusal)) known.push(refusal);
    }
    expect(byService).to.deep.equal({
      "Application Auto Scaling": ["400 InvalidNextTokenException"],
      CloudWatch: ["400 InvalidNextToken", "400 InvalidParameterValueException"],
      "CloudWatch Logs": ["400 InvalidParameterException"],
      DynamoDB: ["400 ValidationException"],
      EventBridge: ["400 ValidationException"],
      IAM: ["400 ValidationError"],
      KMS: ["400 InvalidMarkerException"],
      Lambda: ["400 InvalidParameterValueException"],
      S3: ["400 InvalidArgument"],
      SageMaker: ["400 ValidationException"],
      SNS: ["400 InvalidParameterException"],
      SQS: ["400 InvalidParameterValue"],
      "Step Functions": ["400 InvalidToken"],
      "Systems Manager": ["400 InvalidNextToken"],
    });
  });

  it("answers with a failure of the service, which its clients try again, when the disk is full", () => {
    expect([...refusals].sort()).to.deep.equal([
      "ApplicationAutoScaling 500 InternalServiceException",
      "CloudWatch 500 InternalServiceFault",
      "CloudWatchLogs 500 ServiceUnavailableException",
      "DynamoDB 500 InternalServerError",
      "EventBridge 500 InternalException",
      "IAM 500 ServiceFailureException",
      "KMS 500 KMSInternalException",
      "Lambda 500 ServiceException",
      "S3 500 InternalError",
      "SFN 500 InternalFailure",
      "SNS 500 InternalErrorException",
      "SQS 500 InternalFailure",
      "SSM 500 InternalServerError",
      "SageMaker 500 InternalFailure",
    ]);
  });

  it("is tried with every type that a program can have here, the project's own among them", () => {
    const tried = cases.map(({ type }) => type);
    expect([...tried].sort()).to.deep.equal(clouds[0]?.types.filter((type) => type.startsWith("aws:")).sort());
    expect(Object.keys(terraformTypes).filter((type) => type.startsWith("aws:") && !tried.includes(type))).to.deep.equal([]);
  });

  it("answers with nothing that the service's API model does not have", () => {
    expect([...new Set(clouds.flatMap(({ problems }) => problems))]).to.deep.equal([]);
  });
});
