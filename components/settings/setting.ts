/** One setting: its default, its bounds, and what they come from. */
export interface Setting {
  type: "string" | "integer" | "boolean" | "strings" | "map" | "record" | "records";
  /** What a record, or each of several by name, holds: each may be left out that is not `required`. */
  fields?: Readonly<Record<string, Setting>>;
  /** Whether a record must have the field. */
  required?: true;
  /** Undefined when leaving it out means something else than a value: `leftOut` says what. */
  default?: string | number | boolean | readonly string[] | Readonly<Record<string, string>>;
  /** Bounds of an integer, both included. */
  minimum?: number;
  maximum?: number;
  /** Whether 0, below the minimum, is accepted too: it means "never". */
  orZero?: true;
  /** The only values that are accepted. */
  values?: readonly (string | number)[];
  /** What a string, an item of a list, a key of a map, or the name of a record looks like. */
  pattern?: RegExp;
  /** What a value in a map looks like. */
  valuePattern?: RegExp;
  /** Shortest list. */
  minimumItems?: number;
  /** Longest list or map, or most records. */
  maximumItems?: number;
  /** Longest string, or value in a map. */
  maximumLength?: number;
  /** What is accepted, in words; integers, booleans and `values` say it themselves. */
  accepts?: string;
  unit?: string;
  /** What it is, in one sentence without a full stop; plain text, since the `pulumi` CLI shows it. */
  description: string;
  /** What leaving it out means, where no value says that. */
  leftOut?: string;
  /** What its argument's documentation says besides: sentences in Markdown. */
  details?: string;
  /** Arguments that show it, as a program writes them, where it goes with others or has a form of its own. */
  example?: string;
  /** Where default or bounds come from. */
  source?: string;
  /** Whether the value may be secret in the stack file, or must always be. Of a record's field: its value is never shown. */
  secret?: true | "always";
}

const aws = "https://docs.aws.amazon.com";

/** AWS's pages on which bounds are taken from. */
export const pages = {
  sageMakerApi: `${aws}/sagemaker/latest/APIReference`,
  invokeApi: `${aws}/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html`,
  variantApi: `${aws}/sagemaker/latest/APIReference/API_ProductionVariant.html`,
  s3: `${aws}/AmazonS3/latest`,
  autoScalingApi: `${aws}/autoscaling/application/APIReference`,
} as const;

/** What the name of a bucket looks like. */
export const bucketPattern = /^(?!.*\.\.|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
