#include "cfuzzer.h"

#include <stddef.h>
#include <stdint.h>

typedef int test_one_input(const uint8_t *data, size_t size);

test_one_input LLVMFuzzerTestOneInput;
int LLVMFuzzerRunDriver(int *argc, char ***argv, test_one_input *test);

int cfuzzer_run(int argc, char **argv) { return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput); }
