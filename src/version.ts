// Written by scripts/write-version.mjs from package.json. Do not edit.
export const PACKAGE_NAME = 'opentelemetry-instrumentation-async-generator';
export const PACKAGE_VERSION = '0.2.0';
