#ifndef CFUZZER_H
#define CFUZZER_H

/// Hands the process over to libFuzzer, which calls `LLVMFuzzerTestOneInput`.
int cfuzzer_run(int argc, char **argv);

#endif
