/** Version of this package, as package.json has it; a test holds them together. */
export const version = "0.2.0";
