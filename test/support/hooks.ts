/**
 * mocha lets an unhandled rejection pass when it arrives between tests; a broken closure and a rejected Output
 * surface as nothing else. Any one fails the run.
 */
const rejections: unknown[] = [];
const collect = (reason: unknown): void => void rejections.push(reason);

export const mochaHooks = {
  beforeAll(): void {
    process.on("unhandledRejection", collect);
  },
  async afterEach(): Promise<void> {
    await new Promise(setImmediate);
    const [first] = rejections.splice(0);
    if (first !== undefined) throw first;
  },
  async afterAll(): Promise<void> {
    await new Promise(setImmediate);
    process.off("unhandledRejection", collect);
    const [first] = rejections.splice(0);
    if (first !== undefined) throw first;
  },
};
