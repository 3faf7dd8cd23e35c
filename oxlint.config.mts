import { defineConfig } from "oxlint";

const folders = [
  "aws",
  "bench",
  "cli",
  "client",
  "components",
  "console",
  "core",
  "docs",
  "doubles",
  "faults",
  "functions",
  "local",
  "planner",
  "processes",
  "servers",
  "test",
  "testing",
];

/** What each folder may import of the others: dependencies point one way. docs/architecture.md draws it. */
const layers = {
  core: [],
  processes: [],
  aws: ["core"],
  functions: ["core", "aws"],
  client: ["core", "aws"],
  console: ["core", "aws", "client"],
  planner: ["core"],
  components: ["core", "functions"],
  testing: ["core", "client"],
  // Of local, only the command that starts it: the exception is below.
  cli: ["core", "aws", "client", "components", "console", "planner", "processes"],
};

/** What users run; its files and functions are held short. */
const product = ["aws", "cli", "client", "components", "console/server", "core", "functions", "local", "planner", "processes"];

/** Where functions are longer than 60 lines, and why. */
const longFunctions = [
  {
    why: "A service of the embedded cloud is one closure over its state: its operations share what no caller may see.",
    files: [
      "local/commands/laptop.ts",
      "local/deploy/monitor.ts",
      "local/dynamodb/index.ts",
      "local/embeddedCloud.ts",
      "local/lambda/index.ts",
      "local/messaging/index.ts",
      "local/s3/index.ts",
      "local/s3/objects.ts",
      "local/sagemaker/index.ts",
    ],
  },
  {
    why: "The types of resources of a service are one table of what creates, updates and deletes each.",
    files: [
      "local/dynamodb/resources.ts",
      "local/identity/roleResources.ts",
      "local/lambda/resources.ts",
      "local/messaging/resources.ts",
      "local/s3/resources.ts",
    ],
  },
  {
    why: "An API is one table of its operations: what each takes and answers.",
    files: ["local/events/wire.ts", "local/identity/iam.ts", "local/lambda/api.ts", "local/logs/wire.ts"],
  },
  { why: "A generator: what it yields depends on the window of calls that it keeps open.", files: ["client/submitMany.ts"] },
];

/** Refuses imports from `others`, which stand in the tree beside the folder of `files`. */
function without(files: string[], others: readonly string[]) {
  const message = "Dependencies point one way: see docs/architecture.md.";
  const patterns = [{ regex: `^(\\.\\./)+(${others.join("|")})/`, message }];
  return { files, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

/** typescript-eslint's recommended rules, those that need types included. */
const recommended = [
  "no-array-constructor",
  "no-unused-expressions",
  ...[
    "await-thenable",
    "ban-ts-comment",
    "no-array-delete",
    "no-base-to-string",
    "no-duplicate-enum-values",
    "no-duplicate-type-constituents",
    "no-empty-object-type",
    "no-explicit-any",
    "no-extra-non-null-assertion",
    "no-floating-promises",
    "no-for-in-array",
    "no-implied-eval",
    "no-misused-new",
    "no-misused-promises",
    "no-namespace",
    "no-non-null-asserted-optional-chain",
    "no-redundant-type-constituents",
    "no-this-alias",
    "no-unnecessary-type-assertion",
    "no-unnecessary-type-constraint",
    "no-unsafe-argument",
    "no-unsafe-assignment",
    "no-unsafe-call",
    "no-unsafe-declaration-merging",
    "no-unsafe-enum-comparison",
    "no-unsafe-function-type",
    "no-unsafe-member-access",
    "no-unsafe-return",
    "no-unsafe-unary-minus",
    "no-wrapper-object-types",
    "only-throw-error",
    "prefer-as-const",
    "prefer-namespace-keyword",
    "prefer-promise-reject-errors",
    "restrict-plus-operands",
    // Also for outputs of Pulumi in a template, which would put their advice there and not their value.
    "restrict-template-expressions",
    "triple-slash-reference",
    "unbound-method",
  ].map((rule) => `typescript/${rule}`),
  "no-var",
  "prefer-const",
  "prefer-rest-params",
  "prefer-spread",
];

export default defineConfig({
  plugins: ["typescript", "import"],
  // Only what is listed.
  categories: { correctness: "off" },
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["build/", "**/dist/", "coverage/", "node_modules/", "templates/", "**/*.js", "**/*.mjs"],
  rules: {
    ...Object.fromEntries(recommended.map((rule) => [rule, "error"])),
    // Inside a Lambda's factory a literal require keeps the SDK out of the archive; cli/width.ts loads its package when it is needed.
    "typescript/no-require-imports": ["error", { allow: ["^@aws-sdk/", "^node:", "^string-width$"] }],
    "no-unused-vars": ["error", { ignoreRestSiblings: true }],
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    eqeqeq: "error",
    // Types that name each other are no cycle when the program runs.
    "import/no-cycle": ["error", { ignoreTypes: true }],
    "no-console": "error",
  },
  overrides: [
    {
      // Their own tsconfig.json looks for the package where it is installed, and here finds it untyped; `npm run typecheck` reads them with
      // their types.
      files: ["examples/*/index.ts"],
      rules: {
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-call": "off",
        "typescript/no-unsafe-member-access": "off",
      },
    },
    {
      // What Lambda prints is its log; what a command prints is its purpose.
      files: [
        "aws/**",
        "functions/**",
        "local/commands/cloud.ts",
        "local/commands/start.ts",
        "local/lambda/worker.ts",
        "bench/**",
        "faults/run.ts",
        "servers/run.ts",
        "docs/policies.ts",
        "examples/**",
      ],
      rules: { "no-console": "off" },
    },
    {
      // chai's assertions are expressions, and tests look into untyped documents.
      files: ["test/**"],
      rules: {
        "no-unused-expressions": "off",
        // Closures that run in Lambda print to its log.
        "no-console": "off",
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-member-access": "off",
      },
    },
    {
      // What doesn't fit on a few screens is split by subject.
      files: ["./*.ts", ...product.map((folder) => `${folder}/**`)],
      rules: {
        "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
        "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      },
    },
    { files: longFunctions.flatMap(({ files }) => files), rules: { "max-lines-per-function": "off" } },
    ...Object.entries(layers).map(([folder, allowed]) =>
      without(
        [`${folder}/**`],
        folders.filter((other) => other !== folder && !allowed.includes(other)),
      ),
    ),
    without(["local/**"], ["bench", "cli", "docs", "doubles", "servers", "test"]),
    // What speaks to people does it in one form.
    without(["local/commands/**"], ["bench", "docs", "doubles", "servers", "test"]),
    without(
      ["cli/commands/local.ts", "cli/commands/localEnv.ts", "cli/stackFileSettings.ts"],
      folders.filter((other) => !["cli", "local", ...layers.cli].includes(other)),
    ),
  ],
});
