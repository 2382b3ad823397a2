import { runProgram } from '#libs/command';
import { audit } from './operator/audit';

void runProgram(audit);
