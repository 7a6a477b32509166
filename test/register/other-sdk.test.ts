import {
  context,
  diag,
  DiagLogLevel,
  metrics,
  propagation,
  trace,
  type TextMapPropagator,
  type TracerProvider,
} from '@opentelemetry/api';
import { expect } from 'chai';
import { onOtherSdk } from '../../src/register/other-sdk';
import { ROOT } from '../support/child';

describe('an SDK that the application sets up', () => {
  const provider = { getTracer: () => trace.getTracer('none') } as TracerProvider;
  const propagator = { fields: () => [] } as unknown as TextMapPropagator;

  afterEach(() => {
    Reflect.deleteProperty(context, 'setGlobalContextManager');
    Reflect.deleteProperty(propagation, 'setGlobalPropagator');
    Reflect.deleteProperty(metrics, 'setGlobalMeterProvider');
    Reflect.deleteProperty(trace, 'setGlobalTracerProvider');
    trace.disable();
    propagation.disable();
    diag.disable();
  });

  it('is set up although what is done for it fails', () => {
    const reports: unknown[] = [];
    const error = (...args: unknown[]) => void reports.push(args.at(-1));
    const ignore = () => {};
    diag.setLogger(
      { error, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
    );
    const failing = (when: string) => () => {
      throw new Error(when);
    };
    onOtherSdk(ROOT, { before: failing('before'), after: failing('after') });
    expect(propagation.setGlobalPropagator(propagator)).to.equal(true);
    expect(trace.setGlobalTracerProvider(provider)).to.equal(true);
    expect(reports.map(String)).to.deep.equal(['Error: before', 'Error: after']);
  });
});
