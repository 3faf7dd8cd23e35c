import { expect } from "chai";
import { readForm, requirePolicy, signerOf } from "../../../local/s3/form";

const now = Date.UTC(2026, 0, 25);

/** A form as browsers write it. */
function form(fields: Readonly<Record<string, string>>, file: Buffer | string = "text", filename = "C:\\photos\\a b.png") {
  const parts = Object.entries(fields).map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const head = `--x\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: image/png\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(parts.join("") + head), Buffer.from(file), Buffer.from("\r\n--x--\r\n")]);
  return readForm("multipart/form-data; boundary=x", body);
}

const encoded = (policy: unknown) => Buffer.from(typeof policy === "string" ? policy : JSON.stringify(policy)).toString("base64");
const policyOf = (conditions: unknown[], expiration = "2026-01-25T00:01:00Z") => encoded({ expiration, conditions });

describe("a form that uploads an object", () => {
  it("gives its fields, and the bytes of its file as they are", () => {
    const bytes = Buffer.from([0, 255, 13, 10, 45, 45, 121, 13, 10]);
    const { fields, file } = form({ Key: "in/${filename}", policy: "${filename}" }, bytes);

    expect([...fields]).to.deep.equal([
      ["key", "in/a b.png"],
      ["policy", "${filename}"],
    ]);
    expect(file).to.deep.equal(bytes);
    expect(form({}, "").file).to.have.length(0);
    const head = Buffer.from('--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n');
    const unnamed = Buffer.concat([head, bytes, Buffer.from("\r\n--x--\r\n")]);
    expect(readForm("multipart/form-data; boundary=x", unnamed).file).to.deep.equal(bytes);
  });

  it("is refused in S3's words when it is no form, has no file, or too much before it", () => {
    const read = (type: string, body: string) => () => readForm(type, Buffer.from(body));
    const malformed = "The body of your POST request is not well-formed multipart/form-data.";
    expect(read("multipart/form-data", "")).to.throw(malformed);
    expect(read("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk')).to.throw(malformed);
    const fileless = '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x--';
    expect(read("multipart/form-data; boundary=x", fileless)).to.throw("POST requires exactly one file upload per request.");
    expect(() => form({ key: "k".repeat(21_000) })).to.throw("Your POST request fields preceding the upload file were too large.");
  });

  it("is signed by whose key it has, the new way or the old one", () => {
    const signed = { policy: "p", "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-date": "20260125T000000Z", "x-amz-signature": "0" };
    const by = (fields: Record<string, string>) => signerOf(form(fields), "eu-west-1");
    const credential = (region: string) => ({ ...signed, "x-amz-credential": `AKIANEW/20260125/${region}/s3/aws4_request` });

    expect([by(credential("eu-west-1")), by({ policy: "p", AWSAccessKeyId: "AKIAOLD", signature: "0" })]).to.deep.equal([
      "AKIANEW",
      "AKIAOLD",
    ]);
    expect(() => by({ key: "k" })).to.throw("Access Denied");
    expect(() => by(signed)).to.throw(
      "Bucket POST must contain a field named 'X-Amz-Credential'.  If it is specified, please check the order of the fields.",
    );
    expect(() => by(credential("us-east-1"))).to.throw("the region 'us-east-1' is wrong; expecting 'eu-west-1'");
  });

  it("is held to its policy: until when, which fields and how many bytes", () => {
    const hold = (policy: string, fields: Record<string, string> = {}, at = now) => {
      try {
        requirePolicy(form({ key: "in/k", ...fields, policy }), "jobs", at);
      } catch (error) {
        const { code, status, message } = error as { code: string; status: number; message: string };
        return `${status} ${code}: ${message}`;
      }
      return "taken";
    };
    const key = ["starts-with", "$Key", "in/"];
    const typed = ["starts-with", "$content-type", "image/"];
    const type = (value: string) => ({ "Content-Type": value });
    expect([
      hold(policyOf([{ bucket: "jobs" }, key, ["content-length-range", 4, 4]])),
      hold(policyOf([key]), { "x-ignore-me": "1", submit: "Go" }),
      hold(policyOf([key, typed]), type("image/png,image/jpeg")),
      hold(policyOf([key, typed]), type("image/png,text/html")),
      hold(policyOf([key, typed])),
      hold(policyOf([{ bucket: "others" }, key])),
      hold(policyOf([key, ["content-length-range", 0, 3]])),
      hold(policyOf([key, ["content-length-range", 5, 9]])),
      hold(policyOf([key]), {}, now + 60_001),
      hold(encoded("{")),
      hold(encoded({ conditions: [] })),
      hold(policyOf([key], "tomorrow")),
      hold(policyOf([{ key: "k", bucket: "jobs" }])),
      hold(policyOf([["matches", "$key", ".*"]])),
    ]).to.deep.equal([
      "taken",
      "403 AccessDenied: Invalid according to Policy: Extra input fields: submit",
      "taken",
      '403 AccessDenied: Invalid according to Policy: Policy Condition failed: ["starts-with", "$content-type", "image/"]',
      '403 AccessDenied: Invalid according to Policy: Policy Condition failed: ["starts-with", "$content-type", "image/"]',
      '403 AccessDenied: Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "others"]',
      "400 EntityTooLarge: Your proposed upload exceeds the maximum allowed size",
      "400 EntityTooSmall: Your proposed upload is smaller than the minimum allowed size",
      "403 AccessDenied: Invalid according to Policy: Policy expired.",
      "400 InvalidPolicyDocument: Invalid Policy: Invalid JSON.",
      "400 InvalidPolicyDocument: Invalid Policy: Policy missing expiration.",
      "400 InvalidPolicyDocument: Invalid Policy: Invalid 'expiration' value: 'tomorrow'",
      "400 InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
      '400 InvalidPolicyDocument: Invalid Policy: Invalid condition: ["matches","$key",".*"]',
    ]);
  });
});
