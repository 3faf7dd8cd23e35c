import { escapeXml } from "../protocol";
import { ServiceError } from "../wire";
import type { BucketSettings } from "./settings";

const head = `<?xml version="1.0" encoding="UTF-8"?>\n`;
const namespace = ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`;

/** Answers to the GET of a bucket's settings, by query parameter; each throws as S3 does what was never set. */
export const settingAnswers: Record<string, (settings: BucketSettings, region: string) => { contentType: string; body: string }> = {
  location: (_, region) =>
    // The oldest region has no name here.
    xml(`<LocationConstraint${namespace}>${region === "us-east-1" ? "" : region}</LocationConstraint>`),
  policy: ({ policy }) => ({
    contentType: "application/json",
    body: policy?.text ?? missing("NoSuchBucketPolicy", "The bucket policy does not exist"),
  }),
  publicAccessBlock: ({ publicAccessBlock }) => {
    const flags =
      publicAccessBlock ?? missing("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found");
    const elements = Object.entries(flags).map(([name, value]) => `<${name}>${value}</${name}>`);
    return xml(`<PublicAccessBlockConfiguration${namespace}>${elements.join("")}</PublicAccessBlockConfiguration>`);
  },
  encryption: ({ encryption = { sseAlgorithm: "AES256" } }) =>
    // Every bucket has been encrypted by default since 2023.
    xml(
      `<ServerSideEncryptionConfiguration${namespace}><Rule><ApplyServerSideEncryptionByDefault>` +
        `<SSEAlgorithm>${encryption.sseAlgorithm}</SSEAlgorithm>` +
        (encryption.kmsMasterKeyId === undefined ? "" : `<KMSMasterKeyID>${escapeXml(encryption.kmsMasterKeyId)}</KMSMasterKeyID>`) +
        `</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>${encryption.bucketKeyEnabled ?? false}</BucketKeyEnabled></Rule>` +
        `</ServerSideEncryptionConfiguration>`,
    ),
  lifecycle: ({ lifecycle }) => {
    const rules = lifecycle ?? missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
    const elements = rules.map(
      ({ id, status, prefix, expirationDays, abortUploadsDays }) =>
        `<Rule><ID>${escapeXml(id)}</ID><Filter><Prefix>${escapeXml(prefix)}</Prefix></Filter><Status>${status}</Status>` +
        (expirationDays === undefined ? "" : `<Expiration><Days>${expirationDays}</Days></Expiration>`) +
        (abortUploadsDays === undefined
          ? ""
          : `<AbortIncompleteMultipartUpload><DaysAfterInitiation>${abortUploadsDays}</DaysAfterInitiation></AbortIncompleteMultipartUpload>`) +
        `</Rule>`,
    );
    return xml(`<LifecycleConfiguration${namespace}>${elements.join("")}</LifecycleConfiguration>`);
  },
  ownershipControls: ({ objectOwnership = "BucketOwnerEnforced" }) =>
    xml(`<OwnershipControls${namespace}><Rule><ObjectOwnership>${objectOwnership}</ObjectOwnership></Rule></OwnershipControls>`),
  versioning: ({ versioning }) =>
    xml(`<VersioningConfiguration${namespace}>${versioning === "Suspended" ? "<Status>Suspended</Status>" : ""}</VersioningConfiguration>`),
  notification: ({ notification = [] }) => {
    const kinds = {
      function: ["CloudFunctionConfiguration", "CloudFunction"],
      topic: ["TopicConfiguration", "Topic"],
      queue: ["QueueConfiguration", "Queue"],
    } as const;
    const elements = notification.map(({ id, kind, targetArn, events, prefix, suffix }) => {
      const [element, target] = kinds[kind];
      const rules = Object.entries({ prefix, suffix }).filter(([, value]) => value);
      return (
        `<${element}><Id>${escapeXml(id)}</Id><${target}>${escapeXml(targetArn)}</${target}>` +
        events.map((event) => `<Event>${event}</Event>`).join("") +
        (rules.length === 0
          ? ""
          : `<Filter><S3Key>${rules.map(([name, value]) => `<FilterRule><Name>${name}</Name><Value>${escapeXml(value)}</Value></FilterRule>`).join("")}</S3Key></Filter>`) +
        `</${element}>`
      );
    });
    return xml(`<NotificationConfiguration${namespace}>${elements.join("")}</NotificationConfiguration>`);
  },
};

function xml(body: string) {
  return { contentType: "application/xml", body: head + body };
}

function missing(code: string, message: string): never {
  throw new ServiceError(code, message, 404);
}
