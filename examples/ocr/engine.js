import { dirname, join } from "node:path";
import { createWorker, OEM } from "tesseract.js";
/** The engine could not read the bytes as an image: the caller's mistake, and the same next time. */
export class ImageError extends Error {
}
const languageData = join(dirname(require.resolve("@tesseract.js-data/eng/package.json")), "4.0.0_best_int");
/** Tesseract's own words for bytes that its image library refuses. */
const unreadable = /read image/i;
/**
 * Tesseract with English data, one recognition at a time; others wait in order. Nothing is fetched at run time.
 *
 * When the engine's thread dies, the recognition that it was busy with fails and a new thread is started.
 */
export class OcrEngine {
    current;
    last;
    closed = false;
    up = false;
    constructor() {
        this.current = this.start();
        this.last = Promise.resolve();
    }
    /** Whether it can read now: false while it loads, and while it recovers. */
    get ready() {
        return this.up;
    }
    /** Resolves when the engine has loaded for the first time. Rejects when it can't. */
    async loaded() {
        await this.current;
    }
    /**
     * Reads one image: PNG, JPEG or TIFF (of which the first page).
     *
     * @param signal a recognition that hasn't begun when it aborts is skipped, and fails with the signal's reason.
     * @throws ImageError when the bytes are not a whole image; Error when the engine failed.
     */
    recognize(image, signal) {
        const recognition = this.last.then(() => {
            signal?.throwIfAborted();
            return this.recognizeNow(image);
        });
        this.last = recognition.catch(() => undefined);
        return recognition;
    }
    /** Ends the engine's thread, whatever it is doing. */
    async close() {
        this.closed = true;
        this.up = false;
        await (await this.current).thread.terminate();
    }
    async recognizeNow(image) {
        const { worker, thread, ended } = await this.current;
        try {
            const { data } = await Promise.race([worker.recognize(image, {}, { text: true, blocks: true }), ended]);
            return read(data);
        }
        catch (problem) {
            // tesseract.js rejects with strings.
            const message = problem instanceof Error ? problem.message : String(problem);
            if (unreadable.test(message))
                throw new ImageError("the image can't be decoded: it is damaged or cut off");
            // What an engine is like after a failure is unknown: its end starts a fresh one.
            await thread.terminate();
            throw new Error(`the OCR engine failed: ${message}`);
        }
    }
    async start() {
        const worker = await createWorker("eng", OEM.LSTM_ONLY, {
            langPath: languageData,
            cacheMethod: "none",
            gzip: true,
            // Without a handler tesseract.js throws outside any call; the rejection of the call says the same.
            errorHandler: () => undefined,
        });
        const { worker: thread } = worker;
        // tesseract.js itself would wait for the answer of a dead thread for ever.
        const ended = new Promise((_, reject) => {
            thread.once("error", reject);
            thread.once("exit", (code) => reject(new Error(`its thread ended with code ${code}`)));
        });
        ended.catch(() => {
            this.up = false;
            if (this.closed)
                return;
            this.current = this.start();
            this.current.catch((problem) => process.emitWarning(`The OCR engine doesn't start again: ${String(problem)}`));
        });
        this.up = true;
        return { worker, thread, ended };
    }
}
function read(page) {
    const lines = (page.blocks ?? []).flatMap((block) => block.paragraphs).flatMap((paragraph) => paragraph.lines);
    return {
        text: page.text,
        confidence: page.confidence,
        words: lines
            .flatMap((line) => line.words)
            .map(({ text, confidence, bbox }) => ({
            text,
            confidence: Math.round(confidence),
            box: { left: bbox.x0, top: bbox.y0, right: bbox.x1, bottom: bbox.y1 },
        })),
    };
}
