import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";

const names = ["submit-request", "submit-answer", "job", "job-event"] as const;

/** A schema's validator: one of ours by its file name without `.schema.json`. */
export function validatorOf(name: (typeof names)[number]): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
  for (const each of names) {
    ajv.addSchema(JSON.parse(readFileSync(join(process.cwd(), "schemas", `${each}.schema.json`), "utf8")) as object);
  }
  return ajv.getSchema(`${name}.schema.json`) as ValidateFunction;
}

/** What a schema has against a document; none when it conforms. */
export function violations(name: (typeof names)[number], document: unknown): string[] {
  const validate = validatorOf(name);
  return validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
