/**
 * `node checkPrograms.js FOLDER`: prints what the compiler says of the files that FOLDER/tsconfig.json lists, and of no other. `tsc` checks
 * all that they import too, which for this repository's own modules `npm run typecheck` does.
 */
import path from "node:path";
import * as ts from "typescript";
const folder = path.resolve(process.argv[2] ?? ".");
const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
    },
};
const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(path.join(folder, "tsconfig.json"), undefined, host);
const program = ts.createProgram(fileNames, options);
const found = fileNames.flatMap((name) => {
    const file = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
});
process.stdout.write(ts.formatDiagnostics([...errors, ...program.getConfigFileParsingDiagnostics(), ...program.getGlobalDiagnostics(), ...found], {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => "\n",
}));
