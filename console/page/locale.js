/** uPlot formats numbers by the browser's language as it loads, and fails where that is a system's locale, such as en-US@posix. */
try {
    new Intl.NumberFormat(navigator.language);
}
catch {
    Object.defineProperty(navigator, "language", { value: "en" });
}
export {};
