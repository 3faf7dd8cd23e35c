import { escapeXml } from "../protocol";
import { ServiceError } from "../wire";
import { incorrectToken } from "./list";
import { bucketPolicy, isPublic, publicAccessFlags, type BucketSettings, type LifecycleRule } from "./settings";

const head = `<?xml version="1.0" encoding="UTF-8"?>\n`;
const namespace = ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`;

/** A document of S3, and what is said of it in headers. */
export interface Document {
  contentType: string;
  body: string;
  headers?: Record<string, string>;
}

/** Where a bucket is. */
interface Place {
  region: string;
  accountId: string;
}

/** Answers to the GET of a bucket's settings, by query parameter; each throws as S3 does what was never set. */
export const settingAnswers: Record<string, (settings: BucketSettings, place: Place, query: URLSearchParams) => Document> = {
  accelerate: () => xml("AccelerateConfiguration", ""),
  acl: (_, { accountId }) => {
    const id = `<ID>${accountId}</ID>`;
    const grantee = `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">${id}</Grantee>`;
    return xml(
      "AccessControlPolicy",
      `<Owner>${id}</Owner><AccessControlList><Grant>${grantee}<Permission>FULL_CONTROL</Permission></Grant></AccessControlList>`,
    );
  },
  analytics: listOfNone("ListBucketAnalyticsConfigurationResult"),
  cors: () => missing("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
  encryption: ({ encryption = { sseAlgorithm: "AES256" } }) => {
    // Every bucket has been encrypted by default since 2023.
    const { sseAlgorithm, kmsMasterKeyId, bucketKeyEnabled = false, blockedEncryptionTypes = [] } = encryption;
    const blocked = blockedEncryptionTypes.map((type) => element("EncryptionType", type)).join("");
    return xml(
      "ServerSideEncryptionConfiguration",
      `<Rule><ApplyServerSideEncryptionByDefault>${element("SSEAlgorithm", sseAlgorithm)}${element("KMSMasterKeyID", kmsMasterKeyId)}` +
        `</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>${bucketKeyEnabled}</BucketKeyEnabled>` +
        `${blocked && `<BlockedEncryptionTypes>${blocked}</BlockedEncryptionTypes>`}</Rule>`,
    );
  },
  "intelligent-tiering": listOfNone("ListBucketIntelligentTieringConfigurationsOutput"),
  inventory: listOfNone("ListInventoryConfigurationsResult"),
  lifecycle: ({ lifecycle }) => {
    const { rules, minimumObjectSize } = lifecycle ?? missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
    // The provider waits until it reads back what it has set, this one included.
    const headers = { "x-amz-transition-default-minimum-object-size": minimumObjectSize };
    return { ...xml("LifecycleConfiguration", rules.map(lifecycleRule).join("")), headers };
  },
  location: (_, { region }) =>
    // The oldest region has no name here.
    xml("LocationConstraint", region === "us-east-1" ? "" : region),
  logging: () => xml("BucketLoggingStatus", ""),
  metrics: listOfNone("ListMetricsConfigurationsResult"),
  notification: ({ notification = [] }) => {
    const kinds = {
      function: ["CloudFunctionConfiguration", "CloudFunction"],
      topic: ["TopicConfiguration", "Topic"],
      queue: ["QueueConfiguration", "Queue"],
    } as const;
    const elements = notification.map(({ id, kind, targetArn, events, prefix, suffix }) => {
      const [rule, target] = kinds[kind];
      const filters = Object.entries({ prefix, suffix }).filter(([, value]) => value);
      const written = filters.map(([name, value]) => `<FilterRule>${element("Name", name)}${element("Value", value)}</FilterRule>`);
      return (
        `<${rule}>${element("Id", id)}${element(target, targetArn)}${events.map((event) => element("Event", event)).join("")}` +
        `${written.length === 0 ? "" : `<Filter><S3Key>${written.join("")}</S3Key></Filter>`}</${rule}>`
      );
    });
    return xml("NotificationConfiguration", elements.join(""));
  },
  "object-lock": () => missing("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),
  ownershipControls: ({ objectOwnership }) => {
    const ownership = objectOwnership ?? missing("OwnershipControlsNotFoundError", "The bucket ownership controls were not found");
    return xml("OwnershipControls", `<Rule>${element("ObjectOwnership", ownership)}</Rule>`);
  },
  policy: ({ policy }) => ({ contentType: "application/json", body: policy ?? noPolicy() }),
  policyStatus: ({ policy = noPolicy() }) => xml("PolicyStatus", `<IsPublic>${isPublic(bucketPolicy(policy))}</IsPublic>`),
  publicAccessBlock: ({ publicAccessBlock }) => {
    const flags =
      publicAccessBlock ?? missing("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found");
    return xml("PublicAccessBlockConfiguration", publicAccessFlags.map((name) => element(name, String(flags[name]))).join(""));
  },
  replication: () => missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
  requestPayment: () => xml("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"),
  tagging: ({ tags }) => {
    if (Object.keys(tags).length === 0) missing("NoSuchTagSet", "The TagSet does not exist");
    return tagDocument(tags);
  },
  versioning: ({ versioning }) => xml("VersioningConfiguration", element("Status", versioning)),
  website: () => missing("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
};

/** A document with its root. */
export function xml(root: string, content: string, of = namespace): Document {
  return { contentType: "application/xml", body: `${head}<${root}${of}>${content}</${root}>` };
}

/** An element with text; nothing for undefined. */
export function element(name: string, text: string | undefined): string {
  return text === undefined ? "" : `<${name}>${escapeXml(text)}</${name}>`;
}

/** As S3 writes a tag. */
export function tagElement([key, value]: [string, string]): string {
  return `<Tag>${element("Key", key)}${element("Value", value)}</Tag>`;
}

/** The tags of a bucket or of an object. */
export function tagDocument(tags: Readonly<Record<string, string>>): Document {
  return xml("Tagging", `<TagSet>${Object.entries(tags).map(tagElement).join("")}</TagSet>`);
}

function lifecycleRule({ id, status, prefix, filter, expirationDays, abortUploadsDays }: LifecycleRule): string {
  const days = (action: string, name: string, count: number | undefined) =>
    count === undefined ? "" : `<${action}><${name}>${count}</${name}></${action}>`;
  return (
    `<Rule>${element("ID", id)}${element("Prefix", prefix)}` +
    `${filter === undefined ? "" : `<Filter>${element("Prefix", filter.prefix)}</Filter>`}${element("Status", status)}` +
    `${days("Expiration", "Days", expirationDays)}${days("AbortIncompleteMultipartUpload", "DaysAfterInitiation", abortUploadsDays)}</Rule>`
  );
}

/** Configurations of which a bucket may have several, by id; here none. */
function listOfNone(root: string): (typeof settingAnswers)[string] {
  return (_settings, _place, query) => {
    if (query.has("id")) return missing("NoSuchConfiguration", "The specified configuration does not exist.");
    if (query.has("continuation-token")) throw incorrectToken();
    return xml(root, "<IsTruncated>false</IsTruncated>");
  };
}

function noPolicy(): never {
  return missing("NoSuchBucketPolicy", "The bucket policy does not exist");
}

function missing(code: string, message: string): never {
  throw new ServiceError(code, message, 404);
}
