import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";

const names = ["submit-request", "submit-answer", "job", "job-event", "job-ended", "webhook"] as const;

const validators = new Map<string, ValidateFunction>();

/** A schema's validator, compiled once per process: one of ours by its file name without `.schema.json`. */
export function validatorOf(name: (typeof names)[number]): ValidateFunction {
  const known = validators.get(name);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
  for (const each of names) {
    ajv.addSchema(JSON.parse(readFileSync(join(process.cwd(), "schemas", `${each}.schema.json`), "utf8")) as object);
  }
  const validator = ajv.getSchema(`${name}.schema.json`) as ValidateFunction;
  validators.set(name, validator);
  return validator;
}

/** What a schema has against a document; none when it conforms. */
export function violations(name: (typeof names)[number], document: unknown): string[] {
  const validate = validatorOf(name);
  return validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
