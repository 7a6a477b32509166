/** Configuration files: YAML, of which JSON is a part. */
import fs = require('node:fs');
import path = require('node:path');
import yaml = require('yaml');
import { readSection, type Section, type Source } from './resolve';

interface DeclarativeFile {
  readonly section: Section;
  /** `disabled: true`: no SDK is to be started. */
  readonly sdkDisabled: boolean;
}

/** Common to all files that are read together. */
interface FileContext {
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
export function readOwnFile(file: string, variable: string, context: FileContext): Section | undefined {
  const document = parseFile(file, variable, context);
  return document && readSection(file, document.content, document.source, `${file}: `);
}

/** Where our section is in a file of OpenTelemetry's declarative configuration. */
const LANGUAGE = ['instrumentation/development', 'js'];
const NAME = 'async_generator';

/**
 * Reads our section out of a file of OpenTelemetry's declarative configuration. The SDK checks the rest of it.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/#declarative-configuration
 */
export function readDeclarativeFile(file: string, variable: string, context: FileContext): DeclarativeFile | undefined {
  const document = parseFile(file, variable, context);
  if (document === undefined) return undefined;
  const { content, source } = document;
  const place = `${file}: ${LANGUAGE.join('.')}`;
  const ofLanguage = LANGUAGE.reduce(valueOf, content);
  const section = valueOf(ofLanguage, NAME);
  if (section === undefined) {
    const misspelt = keysOf(ofLanguage).find((key) =>
      key
        .toLowerCase()
        .replace(/[^a-z]/g, '')
        .endsWith('asyncgenerator'),
    );
    if (misspelt !== undefined) {
      context.problems.push(`${place}.${misspelt}: unknown key; did you mean ${NAME}?`);
    }
  }
  return {
    section: readSection(`${place}.${NAME}`, section, source),
    sdkDisabled: valueOf(content, 'disabled') === true,
  };
}

function valueOf(mapping: unknown, key: string): unknown {
  return keysOf(mapping).includes(key) ? (mapping as Record<string, unknown>)[key] : undefined;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** Undefined, with a problem, if the file cannot be read or parsed. */
function parseFile(
  name: string,
  variable: string,
  { env, cwd, problems }: FileContext,
): { readonly content: unknown; readonly source: Source } | undefined {
  const file = path.resolve(cwd, name);
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    // What follows the comma names the file again.
    const [reason] = (error as Error).message.split(',');
    problems.push(`${variable}: cannot read ${file}: ${reason as string}`);
    return undefined;
  }
  try {
    return { content: parse(text, env), source: { baseDir: path.dirname(file), problems } };
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}`);
    return undefined;
  }
}

/**
 * The content, with references to environment variables replaced.
 *
 * @throws Error that says what is wrong, and where
 */
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
  substituteInDocument(document, env);
  return document.toJS();
}

/** Globs and packages with a scope start with a character that has a meaning in YAML. */
const QUOTE = '; text that starts with "*" or "@" needs quotes';

const REFERENCE = /\$\{(?:([a-zA-Z][a-zA-Z0-9_]*):(?!-))?([^}]+)\}/g;
const VARIABLE = /^([a-zA-Z_][a-zA-Z0-9_]*)(?::-([^\n]*))?$/;

/**
 * Replaces the references to environment variables in a text: `${NAME}`, `${env:NAME}`, `${NAME:-default}`, and `$$` for a dollar sign.
 * References in the value of a variable are not replaced.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution
 *
 * @throws SyntaxError for a reference that is malformed
 */
export function substitute(text: string, env: NodeJS.ProcessEnv): string {
  return text
    .split('$$')
    .map((part) =>
      part.replace(REFERENCE, (reference, prefix: string | undefined, content: string) => {
        const [, name, fallback = ''] = VARIABLE.exec(content) ?? [];
        if (name === undefined || (prefix !== undefined && prefix !== 'env')) {
          throw new SyntaxError(
            `${reference} is not a reference; expected \${NAME} or \${NAME:-default}, and $$ for a "$"`,
          );
        }
        const value = env[name];
        return value === undefined || value === '' ? fallback : value;
      }),
    )
    .join('$');
}

/**
 * Replaces the references in all values of a document, not in its keys. Values without quotes are read again,
 * so that `${TIMING}` can be a boolean; it never becomes more than one value.
 */
export function substituteInDocument(document: yaml.Document, env: NodeJS.ProcessEnv): void {
  yaml.visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return;
      const text = substitute(node.value, env);
      if (text === node.value) return;
      node.value = node.type === yaml.Scalar.PLAIN ? typed(text) : text;
    },
  });
}

/** Null, a boolean or a number, if it is one in YAML, else the text as it is. */
function typed(text: string): yaml.Scalar['value'] {
  const { contents, errors } = yaml.parseDocument(text);
  if (errors.length > 0) return text;
  if (contents === null) return null;
  return yaml.isScalar(contents) && typeof contents.value !== 'string' ? contents.value : text;
}
