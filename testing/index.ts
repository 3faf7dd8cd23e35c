export { mocks, type MocksOptions } from "./mocks";
export { resourcesOf, type ResourcesOfOptions, type TestResource } from "./resourcesOf";
export { type ProgramOptions } from "./runProgram";
export { type TestPlace } from "./awsDouble";
export { TestService, type TestServiceOptions } from "./testService";
export type { ModelRequest } from "./modelRequest";
