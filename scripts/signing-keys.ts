import { runProgram } from './operator/command';
import { signingKeys } from './operator/signing-keys';

void runProgram(signingKeys);
