import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { VirtualClock } from "../../../local/clock";
import { openEmulatorState } from "../../../local/emulatorState";
import { loadFauxqs, type EmulatorState, type SqsQueue, type SqsStoreClass } from "../../../local/fauxqs";
import { timedStore } from "../../../local/messaging/timedQueues";
import { FullDisk } from "../../support/fullDisk";

describe("a queue whose disk is full for a moment", () => {
  let directory: string;
  let clock: VirtualClock;
  let state: EmulatorState;
  let disk: FullDisk;
  let Store: SqsStoreClass;
  let queue: SqsQueue;

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "queues-"));
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 22, 46));
    const { EmulatorState: State, SqsStore } = await loadFauxqs();
    Store = SqsStore;
    state = openEmulatorState(State, directory, "messaging", clock);
    const store = new (timedStore(SqsStore, clock))();
    store.persistence = state;
    queue = store.createQueue("work", "http://localhost/000000000000/work", "arn:aws:sqs:us-east-1:000000000000:work");
    disk = new FullDisk();
  });
  afterEach(() => {
    disk.close();
    state.close();
    clock.close();
    rmSync(directory, { recursive: true });
  });

  const send = (...bodies: string[]) => {
    for (const body of bodies) queue.enqueue(Store.createMessage(body));
  };
  const visible = () => queue.messages.map(({ body }) => body).sort();

  it("has a message whose deletion was refused again after its visibility timeout", async () => {
    send("slow");
    const [{ ReceiptHandle } = { ReceiptHandle: "" }] = queue.dequeue(1, 30);
    disk.makeRoom(0);
    expect(() => queue.deleteMessage(ReceiptHandle)).to.throw("no space left on device");
    disk.makeRoom(Infinity);
    await clock.advance(30_000);

    expect(visible()).to.deep.equal(["slow"]);
  });

  it("has every message again that a reader without a visibility timeout was refused, at whichever write", async () => {
    send("a", "b", "c");
    for (let writes = 0; ; writes += 1) {
      disk.makeRoom(writes);
      try {
        queue.dequeue(3, 0);
      } catch {
        // Refused, as it may be.
      }
      const failures = disk.makeRoom(Infinity);
      await clock.advance(1000);

      expect(visible(), `after ${writes} writes`).to.deep.equal(["a", "b", "c"]);
      if (failures === 0) return;
    }
  });
});
