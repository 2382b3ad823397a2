import { runProgram } from '#libs/command';
import { audit } from '#libs/operations';

void runProgram(audit);
