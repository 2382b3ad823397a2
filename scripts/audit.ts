import { runProgram } from '#libs/command';
import { audit } from '../apps/auth/src/commands';

void runProgram(audit);
