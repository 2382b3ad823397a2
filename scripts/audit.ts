import { runProgram } from './operator/command';
import { audit } from './operator/audit';

void runProgram(audit);
