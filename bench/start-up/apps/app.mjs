import report from './report.cjs';
report();
