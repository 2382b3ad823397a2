import { runProgram } from '#libs/command';
import { migrate } from '#libs/operations';

void runProgram(migrate);
