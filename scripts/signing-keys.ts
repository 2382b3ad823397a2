import { runProgram } from '#libs/command';
import { signingKeys } from '../apps/auth/src/commands';

void runProgram(signingKeys);
