// Lints every script of the tree: `cargo xtask test scripts` runs it from the root.
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["target/**", "**/node_modules/**", "**/test-results/**", "**/playwright-report/**"] },
  tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // What has to be named and is not used begins with `_`.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" }],
      eqeqeq: "error",
    },
  },
  {
    files: ["playwright/*.config.ts", "playwright/tests/**/*.ts", "services/**/*.mjs"],
    languageOptions: {
      parserOptions: { project: ["tsconfig.json", "tsconfig.double.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-unnecessary-type-assertion": "error",
      "@typescript-eslint/require-await": "error",
    },
  },
  {
    files: ["playwright/tests/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.property.name='only']", message: "Every journey is run: take `.only` away." },
        { selector: "CallExpression[callee.property.name='pause']", message: "No one looks on: take `.pause()` away." },
      ],
    },
  },
);
