import { runProgram } from './operator/command';
import { staff } from './operator/staff';

void runProgram(staff);
