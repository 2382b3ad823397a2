import { runProgram } from '#libs/command';
import { sessions } from '../apps/auth/src/commands';

void runProgram(sessions);
