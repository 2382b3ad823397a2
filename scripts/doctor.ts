import { runProgram } from '#libs/command';
import { doctor } from '#libs/operations';

void runProgram(doctor);
