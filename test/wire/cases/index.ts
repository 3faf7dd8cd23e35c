import type { WireCase } from "../cloud";
import { functionCases } from "./functions";
import { iamCases } from "./iam";
import { keyCases } from "./keys";
import { messagingCases } from "./messaging";
import { parameterCases } from "./parameters";
import { sageMakerCases } from "./sagemaker";
import { scalingCases } from "./scaling";
import { stateCases } from "./states";
import { storageCases } from "./storage";

/** In the order in which one needs the other. */
export const cases: readonly WireCase[] = [
  ...iamCases,
  ...keyCases,
  ...messagingCases,
  ...functionCases,
  ...parameterCases,
  ...stateCases,
  ...storageCases,
  ...sageMakerCases,
  ...scalingCases,
];
