import { problemsWith } from "../components/valueChecks";
import { linesOf, type Problem } from "../components/problems";
import { readImage } from "../components/servingImages";
import { failure } from "./failure";

/** The settings that say which model serves, and in which image: what a promotion moves. */
export const promoted = ["image", "framework", "imageTag", "modelDataUrl", "huggingFaceModelId", "huggingFaceTask"] as const;

/** One of {@link promoted}. */
export type PromotedName = (typeof promoted)[number];

/** What an environment's files say of the settings, as text. */
export type SettingTexts = Readonly<Record<string, string>>;

/** What an endpoint runs, as SageMaker says. */
export interface RunningModel {
  /** As it was asked for: with a tag, or a digest. */
  image: string;
  /** With the digest that its tag had when the instances started; undefined where that is not said. */
  resolvedImage?: string;
  /** Artifact, or prefix of its files. */
  modelDataUrl?: string;
  environment: Readonly<Record<string, string>>;
}

/** One setting that a promotion changes; undefined: not there. */
export interface Change {
  name: PromotedName;
  from: string | undefined;
  to: string | undefined;
}

/**
 * The settings that make another environment run what this one runs.
 *
 * @param texts what this environment's files say: of what SageMaker does not tell, and whether the image is its user's own
 * @throws CommandError `CONFLICT` when they say something else than what runs
 */
export function settingsOf(environment: string, running: RunningModel, texts: SettingTexts): Partial<Record<PromotedName, string>> {
  const { image, resolvedImage, modelDataUrl, environment: variables } = running;
  const stale = (name: string, runs: string) => {
    const advice = `Run \`pulumi up --stack ${environment}\` and try what it serves, then promote that.`;
    return failure(
      "CONFLICT",
      `${name}: Pulumi.${environment}.yaml says ${texts[name]}, and the endpoint of ${environment} runs ${runs}.`,
      advice,
    );
  };
  const own = texts["image"];
  const asked = own === undefined ? undefined : readImage(own);
  const runs = readImage(image);
  if (asked && (asked.repositoryName !== runs?.repositoryName || asked.tag !== runs.tag || asked.digest !== runs.digest)) {
    throw stale("image", image);
  }
  const { huggingFaceModelId, huggingFaceTask, framework, imageTag } = texts;
  if (huggingFaceModelId !== undefined && !Object.values(variables).includes(huggingFaceModelId)) {
    throw stale("huggingFaceModelId", "without it");
  }
  if (texts["modelDataUrl"] !== modelDataUrl) throw stale("modelDataUrl", modelDataUrl ?? "without an artifact");
  const tag = imageTag ?? runs?.tag;
  const found: Partial<Record<PromotedName, string | undefined>> =
    own === undefined
      ? { framework, imageTag: tag, modelDataUrl, huggingFaceModelId, huggingFaceTask }
      : { image: resolvedImage ?? image, modelDataUrl, huggingFaceModelId, huggingFaceTask };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** What has to change in an environment's settings. */
export function changesOf(wanted: Partial<Record<PromotedName, string>>, given: SettingTexts): Change[] {
  return promoted.flatMap((name) => {
    const [from, to] = [given[name], wanted[name]];
    return from === to ? [] : [{ name, from, to }];
  });
}

/** @throws CommandError `BAD_INPUT` when the other environment's program would refuse what is promoted */
export function requireAccepted(environment: string, changes: readonly Change[]): void {
  const problems: Problem[] = changes.flatMap(({ name, to }) => (to === undefined ? [] : problemsWith(name, to)));
  if (problems.length > 0) throw failure("BAD_INPUT", [`${environment} can't be given this:`, ...linesOf(problems)].join("\n"), "");
}

/** Command lines of the Pulumi CLI that make the changes, without its name. They leave the selected stack as it is. */
export function configCommands(stack: string, changes: readonly Change[]): string[][] {
  const where = ["--stack", stack, "--non-interactive"];
  const removed = changes.filter(({ to }) => to === undefined).map(({ name }) => name);
  const set = changes.flatMap(({ name, to }) => (to === undefined ? [] : ["--plaintext", `${name}=${to}`]));
  return [
    ...(removed.length > 0 ? [["config", "rm-all", ...where, ...removed]] : []),
    ...(set.length > 0 ? [["config", "set-all", ...where, ...set]] : []),
  ];
}
