import { runProgram } from '#libs/command';
import { seed } from '../tools/seed/command';

void runProgram(seed);
