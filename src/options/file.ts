/**
 * Configuration files: YAML, of which JSON is a part.
 */
import fs = require('node:fs');
import path = require('node:path');
import yaml = require('yaml');
import { readSection, type ConfigLayer } from './section';
import { substituteInDocument } from './substitution';

export interface FileLayer extends ConfigLayer {
  /** Where relative paths in its targets start: the file's directory. */
  readonly baseDir: string;
}

export interface DeclarativeFile {
  readonly layer: FileLayer;
  /** `disabled: true`: no SDK is to be started. */
  readonly sdkDisabled: boolean;
}

/** What is the same for every file of one reading. */
export interface FileContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly problems: string[];
}

/**
 * Reads a file that holds our section and nothing else.
 *
 * @param file path of the file, from the working directory
 * @param variable the environment variable that named it
 */
export function readOwnFile(file: string, variable: string, context: FileContext): FileLayer | undefined {
  const document = parseFile(file, variable, context);
  if (document === undefined) return undefined;
  const baseDir = directoryOf(file, context);
  return { ...readSection(document.content, { source: file, path: '', baseDir, problems: context.problems }), baseDir };
}

/** Where our section stands in a file of OpenTelemetry's declarative configuration. */
const SECTION = ['instrumentation/development', 'js', 'async_generator'];

/**
 * Reads our section out of a file of OpenTelemetry's declarative configuration. What else is in there, the SDK checks.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/#declarative-configuration
 */
export function readDeclarativeFile(file: string, variable: string, context: FileContext): DeclarativeFile | undefined {
  const document = parseFile(file, variable, context);
  if (document === undefined) return undefined;
  const { problems } = context;
  const baseDir = directoryOf(file, context);
  const languages = valueAt(document.content, SECTION.slice(0, -1));
  const section = valueAt(languages, SECTION.slice(-1));
  if (section === undefined) {
    const misspelt = keysOf(languages).find((key) => normalize(key).endsWith('asyncgenerator'));
    if (misspelt !== undefined) {
      problems.push(
        `${file}: ${SECTION.slice(0, -1).join('.')}.${misspelt}: unknown key; did you mean async_generator?`,
      );
    }
  }
  const layer = readSection(section, { source: file, path: SECTION.join('.'), baseDir, problems });
  return { layer: { ...layer, baseDir }, sdkDisabled: valueAt(document.content, ['disabled']) === true };
}

const normalize = (key: string) => key.toLowerCase().replace(/[^a-z]/g, '');
const directoryOf = (file: string, { cwd }: FileContext) => path.dirname(path.resolve(cwd, file));

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce(
    (each, key) => (keysOf(each).includes(key) ? (each as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** The content, with references to environment variables replaced. Undefined, with a problem, if there is none. */
function parseFile(
  file: string,
  variable: string,
  { env, cwd, problems }: FileContext,
): { readonly content: unknown } | undefined {
  let text: string;
  try {
    text = fs.readFileSync(path.resolve(cwd, file), 'utf8');
  } catch (error) {
    // What follows the comma names the file again.
    const [reason] = (error as Error).message.split(',');
    problems.push(`${variable}: cannot read ${path.resolve(cwd, file)}: ${reason as string}`);
    return undefined;
  }
  try {
    return { content: parse(text, env) };
  } catch (error) {
    problems.push(`${file}: ${(error as Error).message}`);
    return undefined;
  }
}

/** @throws Error that says what is wrong, and where */
function parse(text: string, env: NodeJS.ProcessEnv): unknown {
  const lineCounter = new yaml.LineCounter();
  const refuse = (message: string, offset: number): never => {
    const { line, col } = lineCounter.linePos(offset);
    throw new SyntaxError(`${message} (line ${line}, column ${col})`);
  };
  // Its warnings would go to the application's stderr, and pretty messages have several lines.
  const document = yaml.parseDocument(text, { logLevel: 'error', prettyErrors: false, lineCounter });
  const [error] = document.errors;
  if (error !== undefined) refuse(error.message + (error.code === 'BAD_SCALAR_START' ? QUOTE : ''), error.pos[0]);
  yaml.visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      refuse(`there is no anchor &${alias.source} for the alias *${alias.source}${QUOTE}`, alias.range?.[0] ?? 0);
    },
  });
  substituteInDocument(yaml, document, env);
  return document.toJS();
}

/** What globs and packages with a scope start with, means something in YAML. */
const QUOTE = '; text that starts with "*" or "@" needs quotes';
