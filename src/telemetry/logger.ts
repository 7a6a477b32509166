import { diag } from '@opentelemetry/api';
import { PACKAGE_NAME } from '../version';

/** `diag` with the name of this package in front: on an application's stderr a line has to say who wrote it. */
export const logger = diag.createComponentLogger({ namespace: PACKAGE_NAME });
