import { runProgram } from '#libs/command';
import { signingKeys } from './operator/signing-keys';

void runProgram(signingKeys);
