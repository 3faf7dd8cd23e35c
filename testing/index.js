export { mocks } from "./mocks";
export { resourcesOf } from "./resourcesOf";
export { TestService } from "./testService";
